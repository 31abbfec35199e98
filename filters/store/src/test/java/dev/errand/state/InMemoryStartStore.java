package dev.errand.state;

import dev.errand.jose.ProofClaim;
import dev.errand.limit.Bandwidth;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** The start store in the memory of one process. Thread-safe. */
public final class InMemoryStartStore implements StartStore {
    private final Map<String, Kept> kept = new ConcurrentHashMap<>();
    private final Map<String, Admissions> admissions = new ConcurrentHashMap<>();
    private final LongSupplier clockMillis;

    public InMemoryStartStore() {
        this(System::currentTimeMillis);
    }

    /** @param clockMillis the clock to use instead of the system's, epoch milliseconds */
    public InMemoryStartStore(LongSupplier clockMillis) {
        this.clockMillis = clockMillis;
    }

    private record Kept(String request, String text, KeptAnswer answer, long untilMillis) {
        private static final KeptAnswer NOTHING = new KeptAnswer(new byte[0]);

        private Kept(String request, String text, long untilMillis) {
            this(request, text, NOTHING, untilMillis);
        }
    }

    @Override
    public Mono<Claim> claimSubject(String subjectHash, String requestHash, KeptAnswer answer, long untilMillis) {
        return Mono.fromCallable(() -> {
            Kept mine = new Kept(requestHash, "", answer, untilMillis);
            Kept first = keepFirst("s:" + subjectHash, mine);
            return first == mine ? new Claim.Claimed() : answer(first, requestHash);
        });
    }

    @Override
    public Mono<Void> unclaimSubject(String subjectHash, String requestHash) {
        return Mono.fromRunnable(() -> kept.computeIfPresent(
                "s:" + subjectHash, (name, claim) -> claim.request().equals(requestHash) ? null : claim));
    }

    @Override
    public Mono<Optional<Claim>> findClaim(String subjectHash, String requestHash) {
        return Mono.fromCallable(
                () -> Optional.ofNullable(living("s:" + subjectHash)).map(claim -> answer(claim, requestHash)));
    }

    @Override
    public Mono<Optional<KeptAnswer>> findStart(String subjectHash) {
        return Mono.fromCallable(
                () -> Optional.ofNullable(living("s:" + subjectHash)).map(Kept::answer));
    }

    private static Claim answer(Kept claim, String requestHash) {
        return claim.request().equals(requestHash) ? new Claim.Same(claim.answer()) : new Claim.Taken();
    }

    @Override
    public Mono<Boolean> claimProof(ProofClaim proof) {
        return Mono.fromCallable(() -> {
            Kept mine = new Kept("", "", clockMillis.getAsLong() + proof.keepMillis());
            return keepFirst("p:" + proof.hash(), mine) == mine;
        });
    }

    @Override
    public Mono<Optional<Duration>> admit(
            String key, String taskId, long expiresAtMillis, @Nullable Integer active, @Nullable Bandwidth limit) {
        return Mono.fromCallable(() -> {
            AnswerOf<Optional<Duration>> refused = new AnswerOf<>(Optional.empty());
            admissions.compute(key, (k, now) -> {
                Admissions.Admitted admitted = (now == null ? Admissions.NONE : now)
                        .admit(taskId, expiresAtMillis, active, limit, clockMillis.getAsLong());
                refused.value = admitted.refused();
                return admitted.next();
            });
            return refused.value;
        });
    }

    private static final class AnswerOf<T> {
        private T value;

        private AnswerOf(T value) {
            this.value = value;
        }
    }

    @Override
    public Mono<Set<String>> active(String key) {
        return Mono.fromCallable(
                () -> admissions.getOrDefault(key, Admissions.NONE).active().keySet());
    }

    @Override
    public Mono<Void> release(String key, String taskId) {
        return Mono.fromRunnable(() -> admissions.computeIfPresent(key, (k, now) -> now.release(taskId)));
    }

    @Override
    public Mono<Void> giveBack(String key, Bandwidth limit) {
        return Mono.fromRunnable(
                () -> admissions.computeIfPresent(key, (k, now) -> now.giveBack(limit, clockMillis.getAsLong())));
    }

    @Override
    public Mono<Void> saveRevision(String revision, String text, long untilMillis) {
        return Mono.fromRunnable(() -> kept.merge(
                "r:" + revision,
                new Kept("", text, untilMillis),
                (old, fresh) -> old.untilMillis() > fresh.untilMillis() ? old : fresh));
    }

    @Override
    public Mono<Optional<String>> findRevision(String revision) {
        return Mono.fromCallable(
                () -> Optional.ofNullable(living("r:" + revision)).map(Kept::text));
    }

    @Override
    public Mono<String> pinRevision(String task, String revision, long untilMillis) {
        return Mono.fromCallable(() ->
                keepFirst("f:" + task, new Kept("", revision, untilMillis)).text());
    }

    private Kept keepFirst(String name, Kept mine) {
        long now = clockMillis.getAsLong();
        if (kept.size() % 256 == 255) {
            kept.values().removeIf(entry -> entry.untilMillis() <= now);
        }
        return kept.merge(name, mine, (old, fresh) -> old.untilMillis() > now ? old : fresh);
    }

    private @Nullable Kept living(String name) {
        Kept entry = kept.get(name);
        return entry != null && entry.untilMillis() > clockMillis.getAsLong() ? entry : null;
    }
}
