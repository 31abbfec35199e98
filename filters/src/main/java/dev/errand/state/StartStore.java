package dev.errand.state;

import dev.errand.limit.Bandwidth;
import dev.errand.task.ProofClaim;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * What the token endpoint shares between replicas: used subject tokens, used proofs, start limits, and the text of the
 * template revisions that live tasks run under. Fails with {@link StoreUnavailableException}. Thread-safe.
 */
public interface StartStore {
    /**
     * Claims a subject token for one start.
     *
     * @param subjectHash hash of the subject token's signing input
     * @param requestHash hash of the request and of the DPoP key
     * @param answer of what the same request is answered again if it comes again
     * @param untilMillis when the claim may be forgotten, epoch milliseconds
     */
    Mono<Claim> claimSubject(String subjectHash, String requestHash, KeptAnswer answer, long untilMillis);

    /**
     * Gives a claim back, so that the subject token can start a task again; does nothing where the claim is another request's.
     * For the one who claimed it, and answered nobody by it.
     */
    Mono<Void> unclaimSubject(String subjectHash, String requestHash);

    /** What is kept with an earlier claim, if there is one: of what a repeated start is answered. */
    Mono<Optional<Claim>> findClaim(String subjectHash, String requestHash);

    /** What is kept with the claim of that subject token, whoever asks: for the operator. */
    Mono<Optional<KeptAnswer>> findStart(String subjectHash);

    /** Claims a proof's single use for as long as the claim says, by the store's clock; false if it was used before. */
    Mono<Boolean> claimProof(ProofClaim proof);

    /**
     * Admits one more task of a human and agent under a template.
     *
     * @param key hash of template, human and agent
     * @param taskId the task that starts
     * @param expiresAtMillis when it ends at the latest
     * @param active how many may be active at once, or null
     * @param limit how often one may start, or null
     * @return empty if admitted, else how long to wait (zero where only an ending task helps)
     */
    Mono<Optional<Duration>> admit(
            String key, String taskId, long expiresAtMillis, @Nullable Integer active, @Nullable Bandwidth limit);

    /** The tasks that count as active under that key: some may have ended since, which only their own state tells. */
    Mono<Set<String>> active(String key);

    /** A started task ended, or its start failed. */
    Mono<Void> release(String key, String taskId);

    /** What one admission under that key took from a bucket of that limit comes back. */
    Mono<Void> giveBack(String key, Bandwidth limit);

    /** Keeps the text of a template revision as long as any task may need it. */
    Mono<Void> saveRevision(String revision, String text, long untilMillis);

    /** The text of a revision that is no longer, or not yet, in this replica's files. */
    Mono<Optional<String>> findRevision(String revision);

    /**
     * Ties a task of another anchor, which no start ties to one, to a template revision; the first to do so decides.
     *
     * @param task the name of the task
     * @param revision the revision that runs here now
     * @param untilMillis when the task ends, epoch milliseconds
     * @return the revision that the task is tied to
     */
    Mono<String> pinRevision(String task, String revision, long untilMillis);

    /** What became of a claim. */
    sealed interface Claim {
        /** The subject token was unused and is now claimed. */
        record Claimed() implements Claim {}

        /** The same request by the same key came before. */
        record Same(KeptAnswer answer) implements Claim {}

        /** Another request used the subject token. */
        record Taken() implements Claim {}
    }
}
