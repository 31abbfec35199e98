package dev.errand.web.stage;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.loop.MonoKept;
import dev.errand.operation.Ignored;
import dev.errand.operation.JsonAnswer;
import dev.errand.operation.RecordedArguments;
import dev.errand.sequence.rule.AnswerValues;
import dev.errand.sequence.rule.Value;
import dev.errand.web.AnswerTap;
import dev.errand.web.Call;
import dev.errand.web.WatchedValue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferFactory;
import org.springframework.core.io.buffer.DataBufferUtils;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SynchronousSink;

/**
 * Takes the values of one answer while it streams past. All bytes except the last go on at once; the last byte waits until the values
 * are in the task's state, where every replica sees them. In an event stream it is the last byte of the event with the answer. If the
 * state cannot take the values, the answer breaks off. The newest {@link AnswerValues#MAX} values are kept, as hashes. If no rule looks at
 * a value, none goes into the state; those that the catalogue records go into the log.
 */
final class ReturnedValues implements AnswerTap {
    private final Call.Permitted call;
    private final int status;
    private final Set<WatchedValue> sources;
    private final @Nullable SentCredential sent;
    private final Settlements settlements;
    private final ReturnedAnswers answers;
    private final DataBufferFactory buffers;
    private final Deque<AnswerValues.Named> values = new ArrayDeque<>();
    private final Set<WatchedValue> dropped = new HashSet<>();
    private final Map<WatchedValue, JsonValue> recorded = new HashMap<>();
    private final AtomicBoolean over = new AtomicBoolean();
    private @Nullable JsonAnswer<WatchedValue> json;
    private @Nullable EventAnswer<WatchedValue> events;
    private byte @Nullable [] held;

    /** @param sent what the gateway sent to the upstream, and the log must not have; null for nothing */
    ReturnedValues(
            Call.Permitted call,
            int status,
            Set<WatchedValue> sources,
            @Nullable SentCredential sent,
            Settlements settlements,
            ReturnedAnswers answers,
            DataBufferFactory buffers) {
        this.call = call;
        this.status = status;
        this.sources = Set.copyOf(sources);
        this.sent = sent;
        this.settlements = settlements;
        this.answers = answers;
        this.buffers = buffers;
    }

    void read(JsonAnswer<WatchedValue> answer) {
        json = answer;
    }

    void read(EventAnswer<WatchedValue> answer) {
        events = answer;
    }

    /** Whether values go into the task's state. */
    boolean isKept() {
        return sources.stream().anyMatch(WatchedValue::kept);
    }

    void found(WatchedValue source, JsonValue scalar) {
        if (source.record()) {
            recorded.merge(source, scalar, (one, other) -> JsonNull.NULL);
        }
        if (!source.kept()) {
            return;
        }
        values.addLast(AnswerValues.Named.of(source.operation(), source.name(), source.authority(), scalar));
        if (values.size() > AnswerValues.MAX) {
            AnswerValues.Named oldest = values.removeFirst();
            dropped.add(new WatchedValue(oldest.operation(), oldest.name(), oldest.authority(), true, false));
        }
    }

    /** The values, and one that cannot be compared for each name of a dropped one: it may have stood more than once. */
    private List<AnswerValues.Named> all() {
        List<AnswerValues.Named> all = new ArrayList<>(values);
        dropped.forEach(source -> all.add(new AnswerValues.Named(source.operation(), source.name(), Value.ABSENT)));
        return all;
    }

    /** The values for the record, by operation and name: null for one that did not come, or came more than once. */
    private JsonObject said() {
        Map<String, JsonValue> said = new TreeMap<>();
        for (WatchedValue source : sources) {
            JsonValue value = recorded.getOrDefault(source, JsonNull.NULL);
            if (source.record() && RecordedArguments.isShort(value) && !isSecret(value)) {
                said.merge(
                        source.operation(),
                        new JsonObject(Map.of(source.name(), value)),
                        (all, one) -> both((JsonObject) all, (JsonObject) one));
            }
        }
        return new JsonObject(said);
    }

    /** Whether the value holds the credential of the call. The search of the answer comes after this one. */
    private boolean isSecret(JsonValue value) {
        return sent != null && value instanceof JsonString text && sent.isIn(text.value());
    }

    private static JsonObject both(JsonObject one, JsonObject other) {
        Map<String, JsonValue> both = new TreeMap<>(one.members());
        both.putAll(other.members());
        return new JsonObject(both);
    }

    @Override
    public Flux<DataBuffer> through(Publisher<? extends DataBuffer> body) {
        JsonAnswer<WatchedValue> whole = json;
        EventAnswer<WatchedValue> stream = events;
        if (whole != null) {
            return Flux.from(body)
                    .<DataBuffer>handle((buffer, sink) -> hold(whole, buffer, sink))
                    .concatWith(Mono.defer(() -> end(whole)));
        } else if (stream != null) {
            // Without prefetch: parts that wait in a queue are dropped without a release when the agent leaves.
            return Flux.from(body)
                    .<DataBuffer>concatMap(buffer -> pieces(stream, buffer), 0)
                    .concatWith(Mono.defer(() -> taken(stream.end()).then(Mono.empty())));
        }
        return Flux.from(body);
    }

    /** Passes the byte that was held before, and all bytes of this buffer except the last. */
    private void hold(JsonAnswer<WatchedValue> answer, DataBuffer buffer, SynchronousSink<DataBuffer> sink) {
        int length = buffer.readableByteCount();
        if (length == 0) {
            DataBufferUtils.release(buffer);
            return;
        }
        if (!answer.isIgnored()) {
            answer.push(copy(buffer));
        }
        byte[] before = held;
        held = new byte[] {buffer.getByte(buffer.writePosition() - 1)};
        if (length == 1) {
            DataBufferUtils.release(buffer);
            if (before != null) {
                sink.next(buffers.wrap(before));
            }
            return;
        }
        buffer.writePosition(buffer.writePosition() - 1);
        sink.next(before == null ? buffer : buffers.join(List.of(buffers.wrap(before), buffer)));
    }

    private Mono<DataBuffer> end(JsonAnswer<WatchedValue> answer) {
        byte[] last = held;
        Mono<DataBuffer> rest = last == null ? Mono.empty() : Mono.fromSupplier(() -> buffers.wrap(last));
        return taken(answer.end()).then(rest);
    }

    private Publisher<DataBuffer> pieces(EventAnswer<WatchedValue> stream, DataBuffer buffer) {
        if (stream.isFound()) {
            return Mono.just(buffer);
        }
        byte[] bytes = copy(buffer);
        int end = stream.push(bytes);
        if (end < 0) {
            return Mono.just(buffer);
        }
        DataBufferUtils.release(buffer);
        Mono<DataBuffer> head =
                end == 1 ? Mono.empty() : Mono.fromSupplier(() -> buffers.wrap(Arrays.copyOf(bytes, end - 1)));
        byte[] tail = Arrays.copyOfRange(bytes, end - 1, bytes.length);
        return Flux.concat(head, taken(null).then(Mono.fromSupplier(() -> buffers.wrap(tail))));
    }

    private static byte[] copy(DataBuffer buffer) {
        byte[] bytes = new byte[buffer.readableByteCount()];
        int from = buffer.readPosition();
        buffer.read(bytes);
        buffer.readPosition(from);
        return bytes;
    }

    /** Puts the values into the task's state, and the outcome into the log; once, even if the agent leaves meanwhile. */
    private Mono<Void> taken(@Nullable Ignored why) {
        return Mono.defer(() -> {
            if (!over.compareAndSet(false, true)) {
                return Mono.empty();
            }
            if (why != null) {
                answers.ignored(call, why);
            }
            Mono<Void> settled = why == null
                    ? settlements.returned(call, status, isKept() ? all() : null, said())
                    : settlements.unreturned(call, status, isKept());
            return MonoKept.on(call.loop(), settled, nothing -> Mono.empty());
        });
    }

    @Override
    public void over() {
        if (over.compareAndSet(false, true)) {
            answers.ignored(call, Ignored.BROKEN);
            settlements.unreturned(call, status, isKept()).subscribe();
        }
    }
}
