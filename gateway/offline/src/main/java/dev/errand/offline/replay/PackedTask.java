package dev.errand.offline.replay;

import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.offline.replay.RecordedCall.Holder;
import dev.errand.offline.replay.RecordedCall.Pair;
import dev.errand.offline.replay.RecordedTask.CameTo;
import dev.errand.offline.replay.RecordedTask.Decided;
import dev.errand.offline.replay.RecordedTask.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The records of one task, packed into some sixty bytes per call. So a log of millions of calls fits into memory, and one task at a
 * time is unpacked. Not thread-safe.
 */
final class PackedTask {
    private static final int CALL = 0;
    private static final int OUTCOME = 1;
    private static final int OTHER = 2;

    private final String id;
    private final Shared shared;
    private final PackedBytes bytes;
    private final List<Event> others = new ArrayList<>(0);
    private long firstMillis = Long.MAX_VALUE;
    private long lastMillis;
    private boolean decided;

    /**
     * The values that the calls of all tasks repeat.
     *
     * @param chains the chains of holders, the root first
     */
    record Shared(PackedValues<String> texts, PackedValues<List<Pair>> pairs, PackedValues<List<Holder>> chains) {
        private static final int MAX_TEXTS = 200_000;
        private static final int MAX_LISTS = 100_000;

        Shared() {
            this(new PackedValues<>(MAX_TEXTS), new PackedValues<>(MAX_LISTS), new PackedValues<>(MAX_LISTS));
        }
    }

    PackedTask(String id, Shared shared) {
        this.id = id;
        this.shared = shared;
        this.bytes = new PackedBytes(shared.texts());
    }

    /** The time of its earliest event. */
    long firstMillis() {
        return firstMillis;
    }

    /** Whether a decision is among its events. */
    boolean isDecided() {
        return decided;
    }

    void add(Event event) {
        firstMillis = Math.min(firstMillis, event.timeMillis());
        if (event instanceof Decided one) {
            decided = true;
            bytes.number(CALL);
            call(one.call());
        } else if (event instanceof CameTo outcome) {
            bytes.number(OUTCOME);
            bytes.unique(outcome.decision());
            time(outcome.timeMillis());
            Integer status = outcome.status();
            bytes.number(status == null ? -1 : status);
            bytes.number(outcome.compensated() ? 1 : 0);
            bytes.repeated(outcome.values().members().isEmpty() ? null : Jcs.canonical(outcome.values()));
        } else {
            bytes.number(OTHER);
            others.add(event);
        }
    }

    private void time(long millis) {
        bytes.number(millis - lastMillis);
        lastMillis = millis;
    }

    private void call(RecordedCall call) {
        bytes.unique(call.decision());
        time(call.timeMillis());
        bytes.number(flag(call.permit(), 0)
                | flag(call.argumentsKnown(), 1)
                | flag(call.ownBounds(), 2)
                | flag(call.instructed(), 3)
                | flag(call.trusted(), 4)
                | flag(call.over(), 5));
        bytes.repeated(call.code());
        bytes.repeated(call.step());
        bytes.repeated(call.template());
        bytes.repeated(call.revision());
        bytes.repeated(call.humanIssuer());
        int chain = shared.chains().number(call.holders());
        bytes.number(chain);
        if (chain == PackedValues.NONE) {
            holders(call.holders());
        }
        int pairs = shared.pairs().number(call.pairs());
        bytes.number(pairs);
        if (pairs == PackedValues.NONE) {
            pairs(call.pairs());
        }
        bytes.repeated(call.stateBefore());
        bytes.repeated(call.stateAfter());
        bytes.repeated(call.reaction());
        bytes.number(call.waiting());
    }

    private void holders(List<Holder> holders) {
        bytes.number(holders.size());
        for (Holder holder : holders) {
            bytes.repeated(holder.key());
            bytes.repeated(holder.subject());
        }
    }

    private void pairs(List<Pair> pairs) {
        bytes.number(pairs.size());
        for (Pair pair : pairs) {
            bytes.repeated(pair.operation());
            bytes.repeated(pair.resource());
            Pair plain = new Pair(pair.operation(), pair.resource());
            bytes.repeated(pair.arguments().equals(plain.arguments()) ? null : Jcs.canonical(pair.arguments()));
        }
    }

    private static int flag(boolean set, int place) {
        return set ? 1 << place : 0;
    }

    /** The task as it was recorded. */
    RecordedTask unpacked() {
        PackedBytes read = bytes.read();
        List<Event> events = new ArrayList<>();
        int other = 0;
        long time = 0;
        while (!read.isAtEnd()) {
            int kind = (int) read.number();
            if (kind == OTHER) {
                events.add(others.get(other++));
                continue;
            }
            String decision = read.unique();
            time += read.number();
            if (kind == CALL) {
                events.add(new Decided(call(read, decision, time)));
            } else {
                int status = (int) read.number();
                boolean compensated = read.number() == 1;
                String values = read.repeated();
                events.add(new CameTo(
                        decision,
                        time,
                        status < 0 ? null : status,
                        compensated,
                        values == null ? JsonObject.EMPTY : object(values)));
            }
        }
        return RecordedTask.of(id, events);
    }

    private RecordedCall call(PackedBytes read, String decision, long time) {
        int flags = (int) read.number();
        String code = read.repeated();
        String step = read.repeated();
        String template = read.repeated();
        String revision = read.repeated();
        String issuer = read.repeated();
        int chain = (int) read.number();
        List<Holder> holders = chain == PackedValues.NONE
                ? holders(read)
                : Objects.requireNonNull(shared.chains().value(chain));
        int number = (int) read.number();
        List<Pair> pairs = number == PackedValues.NONE
                ? pairs(read)
                : Objects.requireNonNull(shared.pairs().value(number));
        return new RecordedCall(
                decision,
                time,
                is(flags, 0),
                code,
                step,
                id,
                template,
                revision,
                issuer,
                holders,
                pairs,
                is(flags, 1),
                is(flags, 2),
                is(flags, 3),
                is(flags, 4),
                read.repeated(),
                read.repeated(),
                read.repeated(),
                is(flags, 5),
                read.number());
    }

    private static List<Holder> holders(PackedBytes read) {
        List<Holder> holders = new ArrayList<>();
        for (long left = read.number(); left > 0; left--) {
            holders.add(new Holder(Objects.requireNonNull(read.repeated()), read.repeated()));
        }
        return holders;
    }

    private static List<Pair> pairs(PackedBytes read) {
        List<Pair> pairs = new ArrayList<>();
        for (long left = read.number(); left > 0; left--) {
            pairs.add(pair(
                    Objects.requireNonNull(read.repeated()), Objects.requireNonNull(read.repeated()), read.repeated()));
        }
        return pairs;
    }

    private static Pair pair(String operation, String resource, @Nullable String arguments) {
        return arguments == null ? new Pair(operation, resource) : new Pair(operation, resource, object(arguments));
    }

    private static JsonObject object(String packed) {
        try {
            return (JsonObject) Json.parse(packed);
        } catch (Json.MalformedJsonException e) {
            throw new IllegalStateException("what was packed is no JSON", e);
        }
    }

    private static boolean is(int flags, int place) {
        return (flags & 1 << place) != 0;
    }
}
