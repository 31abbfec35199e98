package dev.errand.state.redis;

import dev.errand.jose.ProofClaim;
import dev.errand.limit.Bandwidth;
import dev.errand.loop.EndOfTurn;
import dev.errand.state.Admissions;
import dev.errand.state.KeptAnswer;
import dev.errand.state.StartStore;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.state.redis.link.Script;
import io.lettuce.core.SetArgs;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The state of the token endpoint that replicas share, in Redis: {@code errand:s:} used subject tokens,
 * {@code errand:p:} used proofs, {@code errand:a:} admissions, {@code errand:r:} template revisions. Thread-safe, never
 * blocking.
 */
public final class RedisStartStore implements StartStore {
    /** How much longer values are kept than asked, since the gateway's clock and the store's may differ. */
    private static final long MARGIN_MILLIS = 60_000;

    /** Removes a value if it is still the one that was read. */
    private static final Script REMOVE_IF_SAME =
            Script.of("if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end return ''");

    /** Reads a value with the time of the node that has it: seconds, colon, microseconds, colon, and the value. */
    static final Script READ = Script.of("local time = redis.call('TIME')"
            + " return time[1] .. ':' .. time[2] .. ':' .. (redis.call('GET', KEYS[1]) or '')");

    /** Writes a value and its expiry if the stored one is still the one that was read, or still absent. */
    static final Script WRITE_IF_SAME = Script.of("""
            if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return '' end
            redis.call('SET', KEYS[1], ARGV[2], 'PXAT', ARGV[3])
            return '1'
            """);

    private static final int HASH_CHARACTERS = 22;
    private static final int MAX_CONFLICTS = 64;
    private static final int MAX_SAVED = 1024;
    private static final long ADMISSIONS_MILLIS = Duration.ofDays(31).toMillis();

    private final RedisLink link;
    private final StoreQuestions store;
    private final Seal seal;
    /** Revisions whose text this process wrote. */
    private final Set<String> saved = ConcurrentHashMap.newKeySet();

    /** @param seal proves who wrote a value */
    public RedisStartStore(RedisLink link, Duration timeout, Seal seal) {
        this.link = link;
        this.store = new StoreQuestions(link, timeout);
        this.seal = seal;
    }

    @Override
    public Mono<Claim> claimSubject(String subjectHash, String requestHash, KeptAnswer answer, long untilMillis) {
        byte[] key = subject(subjectHash);
        byte[] claim = StoredClaim.write(requestHash, answer);
        return store.within(() -> keepFirst(key, claim, untilMillis)
                .thenCompose(first -> first
                        ? CompletableFuture.completedFuture(new Claim.Claimed())
                        : find(key)
                                .thenApply(kept ->
                                        kept == null ? new Claim.Taken() : StoredClaim.judge(kept, requestHash))));
    }

    @Override
    public Mono<Void> unclaimSubject(String subjectHash, String requestHash) {
        byte[] key = subject(subjectHash);
        return store.within(() -> link.<byte @Nullable []>ask(
                                commands -> commands.get(key).toCompletableFuture())
                        .thenCompose(stored -> stored != null
                                        && StoredClaim.judge(seal.open(key, stored, 0), requestHash)
                                                instanceof Claim.Same
                                ? link.run(REMOVE_IF_SAME, new byte[][] {key}, new byte[][] {stored}, EndOfTurn.NOW)
                                : CompletableFuture.completedFuture(new byte[0])))
                .then();
    }

    @Override
    public Mono<Optional<Claim>> findClaim(String subjectHash, String requestHash) {
        return store.within(() -> find(subject(subjectHash))
                .thenApply(kept -> Optional.ofNullable(kept).map(found -> StoredClaim.judge(found, requestHash))));
    }

    @Override
    public Mono<Optional<KeptAnswer>> findStart(String subjectHash) {
        return store.within(() -> find(subject(subjectHash))
                .thenApply(kept -> Optional.ofNullable(kept).map(StoredClaim::answer)));
    }

    @Override
    public Mono<Boolean> claimProof(ProofClaim proof) {
        return store.within(() -> keepFirst(
                key("p", proof.hash()), new byte[0], SetArgs.Builder.nx().px(proof.keepMillis())));
    }

    @Override
    public Mono<Optional<Duration>> admit(
            String key, String taskId, long expiresAtMillis, @Nullable Integer active, @Nullable Bandwidth limit) {
        return store.within(
                () -> change(key, (now, millis) -> now.admit(taskId, expiresAtMillis, active, limit, millis), 0));
    }

    @Override
    public Mono<Set<String>> active(String name) {
        byte[] key = key("a", name);
        return store.within(() -> stored(key)
                .thenApply(stored -> admissions(key, stored.value()).active().keySet()));
    }

    @Override
    public Mono<Void> release(String key, String taskId) {
        return store.within(() ->
                        change(key, (now, millis) -> new Admissions.Admitted(now.release(taskId), Optional.empty()), 0))
                .then();
    }

    @Override
    public Mono<Void> giveBack(String key, Bandwidth limit) {
        return store.within(() -> change(
                        key,
                        (now, millis) -> new Admissions.Admitted(now.giveBack(limit, millis), Optional.empty()),
                        0))
                .then();
    }

    @Override
    public Mono<Void> saveRevision(String revision, String text, long untilMillis) {
        byte[] key = key("r", revision);
        long keepMillis = keepMillis(untilMillis);
        return store.<@Nullable String>within(() -> link.ask(commands -> commands.pttl(key)
                        .toCompletableFuture()
                        .thenCompose(left -> left >= keepMillis && saved.contains(revision)
                                ? CompletableFuture.completedFuture("OK")
                                : commands.set(
                                                key,
                                                seal.seal(key, text.getBytes(StandardCharsets.UTF_8)),
                                                SetArgs.Builder.px(Math.max(left, keepMillis)))
                                        .toCompletableFuture())))
                .doOnSuccess(done -> {
                    if (saved.size() < MAX_SAVED) {
                        saved.add(revision);
                    }
                })
                .then();
    }

    @Override
    public Mono<Optional<String>> findRevision(String revision) {
        return store.within(() -> find(key("r", revision))
                .thenApply(text -> Optional.ofNullable(text).map(RedisStartStore::text)));
    }

    @Override
    public Mono<String> pinRevision(String task, String revision, long untilMillis) {
        byte[] key = key("f", task);
        return store.within(() -> keepFirst(key, revision.getBytes(StandardCharsets.UTF_8), untilMillis)
                .thenCompose(first -> first
                        ? CompletableFuture.completedFuture(revision)
                        : find(key).thenApply(pinned -> pinned == null ? revision : text(pinned))));
    }

    private CompletableFuture<Boolean> keepFirst(byte[] key, byte[] value, long untilMillis) {
        return keepFirst(key, seal.seal(key, value), SetArgs.Builder.nx().pxAt(untilMillis + MARGIN_MILLIS));
    }

    /** @param kept until when or for how long, by the store's clock, and only if the key is absent */
    private CompletableFuture<Boolean> keepFirst(byte[] key, byte[] value, SetArgs kept) {
        return link.<@Nullable String>ask(
                        commands -> commands.set(key, value, kept).toCompletableFuture())
                .thenApply("OK"::equals);
    }

    private CompletableFuture<byte @Nullable []> find(byte[] key) {
        return link.<byte @Nullable []>ask(commands -> commands.get(key).toCompletableFuture())
                .thenApply(bytes -> bytes == null ? null : seal.open(key, bytes, 0));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private CompletableFuture<Optional<Duration>> change(
            String name, BiFunction<Admissions, Long, Admissions.Admitted> judge, int conflicts) {
        byte[] key = key("a", name);
        return stored(key).thenCompose(stored -> {
            if (conflicts > MAX_CONFLICTS) {
                throw new StoreUnavailableException("the start limits change faster than they can be judged");
            }
            Admissions now = admissions(key, stored.value());
            Admissions.Admitted admitted = judge.apply(now, stored.nowMillis());
            if (admitted.next() == now) {
                return CompletableFuture.completedFuture(admitted.refused());
            }
            byte[][] write = {
                stored.value(),
                seal.seal(key, admitted.next().write()),
                Long.toString(stored.nowMillis() + ADMISSIONS_MILLIS).getBytes(StandardCharsets.US_ASCII)
            };
            return link.run(WRITE_IF_SAME, new byte[][] {key}, write, EndOfTurn.NOW)
                    .thenCompose(written -> written.length > 0
                            ? CompletableFuture.completedFuture(admitted.refused())
                            : change(name, judge, conflicts + 1));
        });
    }

    /**
     * A value as it was read.
     *
     * @param value empty if there is none
     * @param nowMillis the store's time, epoch milliseconds
     */
    record Stored(byte[] value, long nowMillis) {
        /** Reads the answer of {@link #READ}. */
        static Stored of(byte[] read) {
            int micros = colon(read, 0) + 1;
            int value = colon(read, micros) + 1;
            long seconds = Long.parseLong(text(Arrays.copyOf(read, micros - 1)));
            long left = Long.parseLong(text(Arrays.copyOfRange(read, micros, value - 1)));
            return new Stored(Arrays.copyOfRange(read, value, read.length), seconds * 1000 + left / 1000);
        }
    }

    private CompletableFuture<Stored> stored(byte[] key) {
        return link.run(READ, new byte[][] {key}, new byte[0][], EndOfTurn.NOW).thenApply(Stored::of);
    }

    private static int colon(byte[] read, int from) {
        int at = from;
        while (read[at] != ':') {
            at++;
        }
        return at;
    }

    /**
     * Reads admissions. Records that we did not write count as none: whoever can forge them can also delete them.
     *
     * @param stored empty if there are none
     */
    private Admissions admissions(byte[] key, byte[] stored) {
        if (stored.length == 0) {
            return Admissions.NONE;
        }
        byte[] admissions;
        try {
            admissions = seal.open(key, stored, 0);
        } catch (StoreUnavailableException forged) {
            return Admissions.NONE;
        }
        return Admissions.read(admissions, 0);
    }

    private static long keepMillis(long untilMillis) {
        return Math.max(0, untilMillis - System.currentTimeMillis()) + MARGIN_MILLIS;
    }

    /** The key of a subject token: 132 bits of its hash. */
    private static byte[] subject(String hash) {
        return key("s", hash.substring(0, Math.min(hash.length(), HASH_CHARACTERS)));
    }

    private static byte[] key(String kind, String name) {
        return ("errand:" + kind + ":" + name).getBytes(StandardCharsets.UTF_8);
    }
}
