package dev.errand.issuer.approval;

import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.state.StartRequestStore;
import dev.errand.state.StoreUnavailableException;
import dev.errand.token.Human;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Mono;

/**
 * Bounds how many wrong codes people try, over all replicas. A try counts as wrong before its code is looked up, and is given back if the
 * code was right: so many tries at once are no way around the bound. Thread-safe, never blocking.
 */
record WrongCodes(StartRequestStore store, Clock clock) {
    /** How many wrong codes one human may try in a minute. */
    static final int OF_HUMAN = 10;

    /** After this many wrong codes of all humans in a minute, only those without a wrong one of their own are served. */
    static final int OF_ALL = 100;

    private static final Duration WINDOW = Duration.ofMinutes(1);
    private static final int MOST_CONFLICTS = 32;
    private static final String ALL = "wrong";

    /**
     * Takes a try of a human.
     *
     * @return its mark for {@link #right} and {@link #wrong}; empty if the human must wait
     */
    Mono<Long> take(Human human) {
        long now = clock.millis();
        return store.find(ALL)
                .map(all -> times(all.orElse(new byte[0])).size() >= OF_ALL ? 1 : OF_HUMAN)
                .flatMap(most -> change(key(human), times -> times.size() >= most ? times : with(times, now), 0)
                        .filter(taken -> taken)
                        .map(taken -> now));
    }

    /** The code was right. */
    Mono<Void> right(Human human, long mark) {
        return change(
                        key(human),
                        times -> {
                            List<Long> left = new ArrayList<>(times);
                            left.remove((Object) mark);
                            return left;
                        },
                        0)
                .then();
    }

    /** The code was wrong. */
    Mono<Void> wrong(long mark) {
        return change(ALL, times -> times.size() >= OF_ALL ? times : with(times, mark), 0)
                .then();
    }

    /** @return whether anything changed */
    private Mono<Boolean> change(String key, UnaryOperator<List<Long>> next, int conflicts) {
        if (conflicts > MOST_CONFLICTS) {
            return Mono.error(() -> new StoreUnavailableException("codes are tried faster than they can be counted"));
        }
        return store.find(key).flatMap(found -> {
            List<Long> times = times(found.orElse(new byte[0]));
            List<Long> changed = next.apply(times);
            return changed.equals(times)
                    ? Mono.just(false)
                    : store.swap(key, found.orElse(null), write(changed), WINDOW)
                            .flatMap(done -> done ? Mono.just(true) : change(key, next, conflicts + 1));
        });
    }

    private static List<Long> with(List<Long> times, long one) {
        List<Long> more = new ArrayList<>(times);
        more.add(one);
        return more;
    }

    /** The times of the last minute. */
    private List<Long> times(byte[] stored) {
        List<Long> times = new ArrayList<>();
        try {
            if (stored.length > 0
                    && Json.parse(new String(stored, StandardCharsets.US_ASCII)) instanceof JsonArray array) {
                long since = clock.millis() - WINDOW.toMillis();
                for (JsonValue value : array.values()) {
                    if (value instanceof JsonNumber number && number.isLong() && number.asLong() > since) {
                        times.add(number.asLong());
                    }
                }
            }
        } catch (MalformedJsonException damaged) {
            return times;
        }
        return times;
    }

    private static byte[] write(List<Long> times) {
        return Jcs.canonicalBytes(
                new JsonArray(times.stream().<JsonValue>map(JsonNumber::of).toList()));
    }

    private static String key(Human human) {
        return ALL + '.' + PageSession.label(human);
    }
}
