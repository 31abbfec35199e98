package dev.errand.web.stage;

import dev.errand.operation.jsonrpc.EventStream;
import dev.errand.operation.jsonrpc.ListAnswer;
import dev.errand.operation.jsonrpc.ListAnswer.UnreadableAnswerException;
import dev.errand.web.AnswerTap;
import dev.errand.web.Call;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SynchronousSink;
import reactor.core.scheduler.Scheduler;

/**
 * An answer on its way to the agent. An answer that lists operations is filtered to those that the leaf grants: JSON as a
 * whole, an event stream event by event, so that the stream is never held back. Other answers are not changed. A small
 * answer of known length is held until it is whole. An answer that must be read and cannot be is withheld, and so is an answer
 * that holds the credential of its call; if its head has gone on, it is cut.
 */
final class FilteredAnswer extends ServerHttpResponseDecorator {
    /** The longest answer of known length that goes out with its head in one write, in bytes. */
    private static final int SMALL_BYTES = 16 * 1024;

    /** How long a begun answer is held at most: as long as the gateway waits by default for an answer to begin. */
    private static final Duration HELD = Duration.ofSeconds(60);

    private static final Mono<DataBuffer> NEVER_ENDED =
            Mono.error(() -> new WithheldException("the upstream's answer did not end"));

    private final Scheduler loop;
    private final Supplier<@Nullable Call> call;
    private final AnswerSearch search;

    /**
     * @param loop the event loop of the agent's connection
     * @param call gives the call when the answer is written; null if there is none
     */
    public FilteredAnswer(
            ServerHttpResponse response, Scheduler loop, Supplier<@Nullable Call> call, AnswerSearch search) {
        super(response);
        this.loop = loop;
        this.call = call;
        this.search = search;
    }

    private @Nullable ListAnswer lists(@Nullable Call known) {
        Call.Granted granted = known == null ? null : known.granted();
        return granted == null ? null : granted.listAnswer();
    }

    /** An answer is not passed on: a list could not be filtered, the answer broke off, or another answer came before it. */
    static final class WithheldException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        WithheldException(String why) {
            super(why, null, false, false);
        }
    }

    @Override
    public Mono<Void> writeWith(Publisher<? extends DataBuffer> body) {
        if (isAnswered()) {
            return Mono.error(new WithheldException("the HTTP server has answered already"));
        }
        Call known = call.get();
        Publisher<? extends DataBuffer> parts = tapped(known, body);
        SentCredential sent = SentCredential.of(known);
        Mono<Void> whole = searched(sent, known, parts);
        if (whole != null) {
            return whole;
        }
        CredentialSearch found = search(sent);
        ListAnswer lists = lists(known);
        if (lists == null) {
            long length = getHeaders().getContentLength();
            return super.writeWith(
                    0 < length && length <= SMALL_BYTES ? small(parts, found, known) : passing(parts, found, known));
        }
        if (getHeaders().containsHeader(HttpHeaders.CONTENT_ENCODING)) {
            return withhold(parts, "an encoded list answer");
        }
        Publisher<? extends DataBuffer> passing = passing(parts, found, known);
        return super.writeWith(isEventStream() ? events(lists.events(), passing) : whole(lists, passing));
    }

    @Override
    public Mono<Void> writeAndFlushWith(Publisher<? extends Publisher<? extends DataBuffer>> body) {
        if (isAnswered()) {
            return Mono.error(new WithheldException("the HTTP server has answered already"));
        }
        Call known = call.get();
        // Without prefetch: parts that wait in a queue are dropped without a release when the agent leaves.
        Publisher<? extends DataBuffer> parts = tapped(known, Flux.from(body).concatMap(part -> part, 0));
        SentCredential sent = SentCredential.of(known);
        Mono<Void> whole = searched(sent, known, parts);
        if (whole != null) {
            return whole;
        }
        ListAnswer lists = lists(known);
        if (lists != null && getHeaders().containsHeader(HttpHeaders.CONTENT_ENCODING)) {
            return withhold(parts, "an encoded list answer");
        }
        Flux<? extends DataBuffer> flat = Flux.from(passing(parts, search(sent), known));
        if (lists != null && !isEventStream()) {
            return super.writeWith(whole(lists, flat));
        }
        HeldParts waiting = new HeldParts();
        Flux<Publisher<DataBuffer>> held = (lists == null ? flat : events(lists.events(), flat)).map(waiting::hold);
        return super.writeAndFlushWith(isEventStream() ? held.startWith(Mono.just(nothing())) : held)
                .doFinally(signal -> waiting.release());
    }

    private @Nullable CredentialSearch search(@Nullable SentCredential sent) {
        HttpStatusCode status = getStatusCode();
        return sent == null ? null : sent.search(status == null ? 200 : status.value(), getHeaders());
    }

    /** The body as it is searched on its way; the body itself if nothing is looked for. */
    private Publisher<? extends DataBuffer> passing(
            Publisher<? extends DataBuffer> body, @Nullable CredentialSearch found, @Nullable Call known) {
        if (found == null || known == null) {
            return body;
        }
        long length = getHeaders().getContentLength();
        long held = length <= SentCredential.MAX_BYTES ? Math.max(0, length) : 0;
        return new SearchedBody(found, held, search, () -> search.found(known)).of(body);
    }

    private static Publisher<? extends DataBuffer> tapped(@Nullable Call known, Publisher<? extends DataBuffer> body) {
        AnswerTap tap = known == null ? null : known.progress().tap();
        return tap == null ? body : tap.through(body);
    }

    /** An empty part. With it the head of a stream goes out at once; else it would wait for the first event. */
    private DataBuffer nothing() {
        return bufferFactory().wrap(new byte[0]);
    }

    /** Holds an answer that fits into one write until it is whole; else its head would go out by itself. */
    private Mono<DataBuffer> small(
            Publisher<? extends DataBuffer> body, @Nullable CredentialSearch found, @Nullable Call known) {
        Mono<DataBuffer> whole = DataBufferUtils.join(body, SMALL_BYTES)
                .onErrorMap(error -> new WithheldException("the upstream's answer broke off"))
                .timeout(HELD, NEVER_ENDED, loop);
        return found == null || known == null ? whole : whole.handle((bytes, sink) -> judge(found, known, bytes, sink));
    }

    /** Passes a whole body on if it does not hold the credential. */
    private void judge(CredentialSearch found, Call known, DataBuffer whole, SynchronousSink<DataBuffer> sink) {
        if (found.isIn(whole)) {
            DataBufferUtils.release(whole);
            search.found(known);
            sink.error(new WithheldException(SentCredential.HELD));
        } else {
            sink.next(whole);
        }
    }

    /** Whether the agent got another answer: the HTTP server itself answers an upload that broke off malformed. */
    private boolean isAnswered() {
        return !isCommitted() && UpstreamAnswer.isBegun(getDelegate());
    }

    private boolean isEventStream() {
        MediaType type = getHeaders().getContentType();
        return type != null && MediaType.TEXT_EVENT_STREAM.isCompatibleWith(type);
    }

    private Flux<DataBuffer> events(EventStream events, Publisher<? extends DataBuffer> body) {
        getHeaders().remove(HttpHeaders.CONTENT_LENGTH);
        return Flux.from(body).handle((buffer, sink) -> {
            try {
                byte[] passed = events.push(bytes(buffer));
                if (passed.length > 0) {
                    sink.next(bufferFactory().wrap(passed));
                }
            } catch (UnreadableAnswerException e) {
                sink.error(new WithheldException(String.valueOf(e.getMessage())));
            }
        });
    }

    private Mono<DataBuffer> whole(ListAnswer lists, Publisher<? extends DataBuffer> body) {
        return DataBufferUtils.join(body, ListAnswer.MAX_BYTES)
                .onErrorMap(
                        DataBufferLimitException.class, e -> new WithheldException("a list answer that is too long"))
                .handle((buffer, sink) -> {
                    try {
                        byte[] filtered = lists.json(bytes(buffer));
                        getHeaders().setContentLength(filtered.length);
                        sink.next(bufferFactory().wrap(filtered));
                    } catch (UnreadableAnswerException e) {
                        sink.error(new WithheldException(String.valueOf(e.getMessage())));
                    }
                });
    }

    /**
     * Withholds an answer whose head holds the credential that the gateway sent. Passes the answer of a credential path on after all of
     * it was searched. Null for any other answer.
     */
    private @Nullable Mono<Void> searched(
            @Nullable SentCredential sent, @Nullable Call known, Publisher<? extends DataBuffer> body) {
        if (sent == null || known == null) {
            return null;
        }
        if (known.progress().takeEcho()) {
            search.found(known);
            return withhold(body, SentCredential.HELD);
        }
        if (!sent.isOnItsPath()) {
            return null;
        }
        String why = SentCredential.refuses(getHeaders());
        if (why != null) {
            return withhold(body, why);
        }
        return super.writeWith(DataBufferUtils.join(body, SentCredential.MAX_BYTES)
                .onErrorMap(DataBufferLimitException.class, e -> new WithheldException(SentCredential.TOO_LONG))
                .timeout(HELD, NEVER_ENDED, loop)
                .handle((bytes, sink) -> judge(sent.search(), known, bytes, sink)));
    }

    /** Refuses the answer at the first part of its body. The rest is not read, so the upstream's connection is closed. */
    private Mono<Void> withhold(Publisher<? extends DataBuffer> body, String why) {
        Mono<Void> withheld = Mono.error(() -> new WithheldException(why));
        return Flux.from(body)
                .take(1)
                .doOnNext(DataBufferUtils::release)
                .then()
                .timeout(HELD, withheld, loop)
                .then(withheld);
    }

    private static byte[] bytes(DataBuffer buffer) {
        byte[] bytes = new byte[buffer.readableByteCount()];
        buffer.read(bytes);
        DataBufferUtils.release(buffer);
        return bytes;
    }
}
