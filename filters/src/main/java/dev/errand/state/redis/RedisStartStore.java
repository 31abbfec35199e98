package dev.errand.state.redis;

import dev.errand.limit.Bandwidth;
import dev.errand.loop.EndOfTurn;
import dev.errand.state.Admissions;
import dev.errand.state.StartStore;
import dev.errand.state.StoreUnavailableException;
import dev.errand.task.ProofClaim;
import io.lettuce.core.SetArgs;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * What the token endpoint shares between replicas, in Redis: {@code errand:s:} used subject tokens, {@code errand:p:}
 * used proofs, {@code errand:a:} admissions, {@code errand:r:} template revisions. Thread-safe, never blocking.
 */
public final class RedisStartStore implements StartStore {
    /** Kept so much longer than asked, since the gateway's clock, not the store's, judged the time. */
    private static final long MARGIN_MILLIS = 60_000;

    private static final int MAX_CONFLICTS = 64;
    private static final long ADMISSIONS_MILLIS = Duration.ofDays(31).toMillis();

    private final RedisLink link;
    private final Duration timeout;

    /** @param link the connection; stays the caller's to close */
    public RedisStartStore(RedisLink link, Duration timeout) {
        this.link = link;
        this.timeout = timeout;
    }

    @Override
    public Mono<Claim> claimSubject(String subjectHash, String requestHash, String response, long untilMillis) {
        byte[] key = key("s", subjectHash);
        return within(() -> keepFirst(key, requestHash + "\n" + response, untilMillis)
                .thenCompose(first -> first
                        ? CompletableFuture.completedFuture(new Claim.Claimed())
                        : find(key).thenApply(text -> text == null ? new Claim.Taken() : claim(text, requestHash))));
    }

    @Override
    public Mono<Optional<Claim>> findClaim(String subjectHash, String requestHash) {
        return within(() -> find(key("s", subjectHash))
                .thenApply(text -> Optional.ofNullable(text).map(found -> claim(found, requestHash))));
    }

    private static Claim claim(String kept, String requestHash) {
        int end = kept.indexOf('\n');
        return kept.substring(0, end).equals(requestHash) ? new Claim.Same(kept.substring(end + 1)) : new Claim.Taken();
    }

    @Override
    public Mono<Boolean> claimProof(ProofClaim proof) {
        return within(() -> keepFirstFor(key("p", proof.hash()), "", proof.keepMillis()));
    }

    @Override
    public Mono<Optional<Duration>> admit(
            String key, String taskId, long expiresAtMillis, @Nullable Integer active, @Nullable Bandwidth limit) {
        return within(() -> change(key, (now, millis) -> now.admit(taskId, expiresAtMillis, active, limit, millis), 0));
    }

    @Override
    public Mono<Set<String>> active(String key) {
        StepScript.Run look = new StepScript.Run(StepScript.UNKNOWN, new byte[0], 0, new byte[0], List.of());
        return within(() -> link.step(key("a", key), look, EndOfTurn.NOW)
                .thenApply(answer -> answer instanceof StepScript.Answer.Other other && other.record().length > 0
                        ? Admissions.read(other.record(), StepScript.TAG_BYTES)
                                .active()
                                .keySet()
                        : Set.of()));
    }

    @Override
    public Mono<Void> release(String key, String taskId) {
        return within(() ->
                        change(key, (now, millis) -> new Admissions.Admitted(now.release(taskId), Optional.empty()), 0))
                .then();
    }

    @Override
    public Mono<Void> saveRevision(String revision, String text, long untilMillis) {
        byte[] key = key("r", revision);
        long keepMillis = keepMillis(untilMillis);
        return this.<@Nullable String>within(() -> link.ask(commands -> commands.pttl(key)
                        .toCompletableFuture()
                        .thenCompose(left -> left >= keepMillis
                                ? CompletableFuture.completedFuture("OK")
                                : commands.set(
                                                key,
                                                text.getBytes(StandardCharsets.UTF_8),
                                                SetArgs.Builder.px(keepMillis))
                                        .toCompletableFuture())))
                .then();
    }

    @Override
    public Mono<Optional<String>> findRevision(String revision) {
        return within(() -> find(key("r", revision)).thenApply(Optional::ofNullable));
    }

    @Override
    public Mono<String> pinRevision(String task, String revision, long untilMillis) {
        byte[] key = key("f", task);
        return within(() -> keepFirst(key, revision, untilMillis)
                .thenCompose(first -> first
                        ? CompletableFuture.completedFuture(revision)
                        : find(key).thenApply(pinned -> pinned == null ? revision : pinned)));
    }

    private CompletableFuture<Boolean> keepFirst(byte[] key, String value, long untilMillis) {
        return keepFirstFor(key, value, keepMillis(untilMillis));
    }

    private CompletableFuture<Boolean> keepFirstFor(byte[] key, String value, long millis) {
        return link.<@Nullable String>ask(commands -> commands.set(
                                key,
                                value.getBytes(StandardCharsets.UTF_8),
                                SetArgs.Builder.nx().px(millis))
                        .toCompletableFuture())
                .thenApply("OK"::equals);
    }

    private CompletableFuture<@Nullable String> find(byte[] key) {
        return link.<byte @Nullable []>ask(commands -> commands.get(key).toCompletableFuture())
                .thenApply(bytes -> bytes == null ? null : new String(bytes, StandardCharsets.UTF_8));
    }

    private CompletableFuture<Optional<Duration>> change(
            String name, BiFunction<Admissions, Long, Admissions.Admitted> judge, int conflicts) {
        byte[] key = key("a", name);
        StepScript.Run look = new StepScript.Run(StepScript.UNKNOWN, new byte[0], 0, new byte[0], List.of());
        return link.step(key, look, EndOfTurn.NOW).thenCompose(answer -> {
            if (!(answer instanceof StepScript.Answer.Other other) || conflicts > MAX_CONFLICTS) {
                throw new StoreUnavailableException("the start limits change faster than they can be judged");
            }
            Admissions now = other.record().length == 0
                    ? Admissions.NONE
                    : Admissions.read(other.record(), StepScript.TAG_BYTES);
            long nowMillis = other.timeMicros() / 1000;
            Admissions.Admitted admitted = judge.apply(now, nowMillis);
            if (admitted.next() == now) {
                return CompletableFuture.completedFuture(admitted.refused());
            }
            byte[] value = admitted.next().write();
            byte[] record = new byte[StepScript.TAG_BYTES + value.length];
            byte[] tag = new byte[StepScript.TAG_BYTES];
            ThreadLocalRandom.current().nextBytes(tag);
            System.arraycopy(tag, 0, record, 0, tag.length);
            System.arraycopy(value, 0, record, tag.length, value.length);
            StepScript.Run write = new StepScript.Run(
                    StepScript.tag(other.record()), record, nowMillis + ADMISSIONS_MILLIS, new byte[0], List.of());
            return link.step(key, write, EndOfTurn.NOW)
                    .thenCompose(written -> written instanceof StepScript.Answer.Written
                            ? CompletableFuture.completedFuture(admitted.refused())
                            : change(name, judge, conflicts + 1));
        });
    }

    private <T extends @Nullable Object> Mono<T> within(Supplier<CompletableFuture<T>> question) {
        return Mono.fromFuture(question)
                .publishOn(Schedulers.parallel())
                .timeout(
                        timeout.multipliedBy(4),
                        Mono.error(() -> new StoreUnavailableException("the state store did not answer in time")))
                .onErrorMap(java.util.concurrent.CompletionException.class, wrapped -> {
                    Throwable cause = wrapped.getCause();
                    return cause == null ? wrapped : cause;
                });
    }

    private static long keepMillis(long untilMillis) {
        return Math.max(0, untilMillis - System.currentTimeMillis()) + MARGIN_MILLIS;
    }

    private static byte[] key(String kind, String name) {
        return ("errand:" + kind + ":" + name).getBytes(StandardCharsets.UTF_8);
    }
}
