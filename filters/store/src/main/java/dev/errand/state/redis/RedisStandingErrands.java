package dev.errand.state.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.errand.state.StandingErrand;
import dev.errand.state.StandingErrands;
import dev.errand.state.StartRequestStore;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.redis.RedisStartStore.Stored;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.state.redis.link.Script;
import io.lettuce.core.KeyValue;
import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.Range.Boundary;
import io.lettuce.core.SetArgs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The standing errands in Redis: the sorted set {@code errand:e} lists them, {@code errand:e:{ID}} is one of them, and
 * {@code errand:e:{ID}r} is what the human allowed; both are sealed by a secret of use {@code state} if there is one. A value that none of our
 * replicas sealed counts as none. Thread-safe, never blocking.
 */
public final class RedisStandingErrands implements StandingErrands {
    private static final byte[] LIST = "errand:e".getBytes(US_ASCII);
    private static final int MOST_CONFLICTS = 256;

    /** Adds a member to the list if there is room. */
    private static final Script ADD_IF_ROOM = Script.of("""
            if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return '' end
            redis.call('ZADD', KEYS[1], 0, ARGV[1])
            return '1'
            """);

    private final RedisLink link;
    private final StoreQuestions store;
    private final SecretSeal seal;
    /** How many changes of an errand this process has seen, so that it knows an older state. */
    private final Cache<String, Long> newest =
            Caffeine.newBuilder().maximumSize(2L * MOST).executor(Runnable::run).build();

    /**
     * @param link the connection; the caller must close it
     * @param seal hides what agents and humans wrote, and shows who stored it
     */
    public RedisStandingErrands(RedisLink link, Duration timeout, SecretSeal seal) {
        this.link = link;
        this.store = new StoreQuestions(link, timeout);
        this.seal = seal;
    }

    @Override
    public Mono<Boolean> create(StandingErrand errand, byte[] request) {
        if (request.length > StartRequestStore.MAX_BYTES) {
            return Mono.error(() -> new IllegalArgumentException("a request is too long"));
        }
        byte[] key = key(errand.id(), "");
        byte[] asked = key(errand.id(), "r");
        SetArgs kept = SetArgs.Builder.nx().pxAt(errand.allowed().untilMillis() + KEPT_MILLIS);
        // In this order: an errand that may run is always in the list.
        return store.run(ADD_IF_ROOM, LIST, new byte[][] {
                    errand.member().getBytes(US_ASCII), Integer.toString(MOST).getBytes(US_ASCII)
                })
                .flatMap(added -> added.length == 0
                        ? Mono.just(false)
                        : store.<@Nullable String>ask(commands -> commands.set(asked, sealed(asked, request), kept)
                                        .toCompletableFuture())
                                .then(store.<@Nullable String>ask(
                                        commands -> commands.set(key, sealed(key, errand.write()), kept)
                                                .toCompletableFuture()))
                                .thenReturn(true));
    }

    @Override
    public Mono<Optional<Found>> find(String id) {
        return stored(id)
                .map(stored -> Optional.ofNullable(open(id, stored.value()))
                        .map(errand -> new Found(errand, stored.nowMillis())));
    }

    private Mono<Stored> stored(String id) {
        return store.run(RedisStartStore.READ, key(id, ""), new byte[0][]).map(Stored::of);
    }

    @Override
    public Mono<Optional<byte[]>> request(String id) {
        byte[] key = key(id, "r");
        return store.<Optional<byte[]>>ask(commands ->
                commands.get(key).toCompletableFuture().thenApply(kept -> Optional.ofNullable(opened(key, kept))));
    }

    @Override
    public Mono<Optional<StandingErrand>> change(String id, Change change) {
        return change(id, change, 0);
    }

    private Mono<Optional<StandingErrand>> change(String id, Change change, int conflicts) {
        if (conflicts > MOST_CONFLICTS) {
            return Mono.error(
                    () -> new StoreUnavailableException("a standing errand changes faster than it is judged"));
        }
        byte[] key = key(id, "");
        return stored(id).flatMap(stored -> {
            StandingErrand now = open(id, stored.value());
            if (now == null) {
                return Mono.just(Optional.empty());
            }
            StandingErrand next = change.next(now, stored.nowMillis());
            if (next == now) {
                return Mono.just(Optional.of(now));
            }
            long until = now.allowed().untilMillis() + KEPT_MILLIS;
            return store.run(RedisStartStore.WRITE_IF_SAME, key, new byte[][] {
                        stored.value(),
                        sealed(key, next.write()),
                        Long.toString(until).getBytes(US_ASCII)
                    })
                    .flatMap(written -> {
                        if (written.length == 0) {
                            return change(id, change, conflicts + 1);
                        }
                        seen(next);
                        return Mono.just(Optional.of(next));
                    });
        });
    }

    @Override
    public Mono<Boolean> survives(String id) {
        return Mono.fromFuture(() -> link.survives(key(id, ""), key(id, "w")));
    }

    @Override
    public Mono<List<String>> members(@Nullable String below) {
        Boundary<byte[]> upper = below == null ? Boundary.unbounded() : Boundary.excluding(below.getBytes(US_ASCII));
        return store.<List<byte[]>>ask(commands -> commands.zrevrangebylex(
                                LIST, Range.from(Boundary.unbounded(), upper), Limit.from(PAGE))
                        .toCompletableFuture())
                .map(found -> found.stream()
                        .map(member -> new String(member, US_ASCII))
                        .toList());
    }

    @Override
    public Mono<List<Found>> read(List<String> members) {
        if (members.isEmpty()) {
            return Mono.just(List.of());
        }
        byte[][] keys = members.stream().map(member -> key(idOf(member), "")).toArray(byte[][]::new);
        return store.<List<Found>>ask(commands -> commands.mget(keys)
                        .toCompletableFuture()
                        .thenCombine(
                                commands.time().toCompletableFuture(),
                                (values, time) -> found(members, values, SealedTable.millis(time))))
                .flatMap(found -> found.size() == members.size()
                        ? Mono.just(found)
                        : forget(members, found).thenReturn(found));
    }

    private List<Found> found(List<String> members, List<KeyValue<byte[], byte[]>> values, long nowMillis) {
        List<Found> found = new ArrayList<>();
        for (int i = 0; i < members.size(); i++) {
            StandingErrand errand = open(idOf(members.get(i)), values.get(i).getValueOrElse(new byte[0]));
            if (errand != null) {
                found.add(new Found(errand, nowMillis));
            }
        }
        return found;
    }

    /** Takes members out of the list whose errands are gone. One that was added a moment ago may still get its errand. */
    private Mono<Void> forget(List<String> members, List<Found> found) {
        List<String> there = found.stream().map(each -> each.errand().member()).toList();
        long young = System.currentTimeMillis() - KEPT_MILLIS;
        byte[][] gone = members.stream()
                .filter(member -> !there.contains(member) && Long.parseLong(member.substring(0, 13)) < young)
                .map(member -> member.getBytes(US_ASCII))
                .toArray(byte[][]::new);
        return gone.length == 0
                ? Mono.empty()
                : store.<Long>ask(commands -> commands.zrem(LIST, gone).toCompletableFuture())
                        .then();
    }

    private @Nullable StandingErrand open(String id, byte[] stored) {
        byte[] key = key(id, "");
        byte[] value = stored.length == 0 ? null : opened(key, stored);
        if (value == null) {
            return null;
        }
        StandingErrand errand;
        try {
            errand = StandingErrand.read(value);
        } catch (IllegalArgumentException damaged) {
            return null;
        }
        Long known = newest.getIfPresent(id);
        if (known != null && errand.changes() < known) {
            return errand.rolledBack(known);
        }
        seen(errand);
        return errand;
    }

    private void seen(StandingErrand errand) {
        newest.asMap().merge(errand.id(), errand.changes(), Math::max);
    }

    private byte[] sealed(byte[] key, byte[] value) {
        return seal.isPossible() ? seal.seal(key, value) : value;
    }

    private byte @Nullable [] opened(byte[] key, byte @Nullable [] stored) {
        return stored == null || !seal.isPossible() ? stored : seal.open(key, stored);
    }

    private static String idOf(String member) {
        return member.substring(member.lastIndexOf('.') + 1);
    }

    private static byte[] key(String id, String kind) {
        return ("errand:e:{" + id + "}" + kind).getBytes(US_ASCII);
    }
}
