package dev.errand.state;

import dev.errand.jose.ProofClaim;
import dev.errand.limit.Bandwidth;
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
     * @param answer the data from which a repeated request gets the same answer
     * @param untilMillis when the claim may be forgotten, epoch milliseconds
     */
    Mono<Claim> claimSubject(String subjectHash, String requestHash, KeptAnswer answer, long untilMillis);

    /**
     * Gives a claim back, so that the subject token can start a task again; does nothing if another request made the
     * claim. Only for the request that made the claim and has not been answered.
     */
    Mono<Void> unclaimSubject(String subjectHash, String requestHash);

    /** The result of an earlier claim of the subject token, seen from this request; empty if there is no claim. */
    Mono<Optional<Claim>> findClaim(String subjectHash, String requestHash);

    /** The data kept with the claim of that subject token, whatever request made it: for the operator. */
    Mono<Optional<KeptAnswer>> findStart(String subjectHash);

    /** Marks a proof as used, for as long as the claim says, by the store's clock; false if it was used before. */
    Mono<Boolean> claimProof(ProofClaim proof);

    /**
     * Admits one more task of a human and agent under a template.
     *
     * @param key hash of template, human and agent
     * @param taskId the task that starts
     * @param expiresAtMillis when the task ends at the latest, epoch milliseconds
     * @param active how many tasks may be active at once, or null
     * @param limit how often tasks may start, or null
     * @return empty if admitted, otherwise how long to wait; zero if only the end of a task helps
     */
    Mono<Optional<Duration>> admit(
            String key, String taskId, long expiresAtMillis, @Nullable Integer active, @Nullable Bandwidth limit);

    /** The tasks that count as active under that key. Some may have ended since; only the state of a task tells. */
    Mono<Set<String>> active(String key);

    /** Removes a task that ended, or whose start failed, from the active ones. */
    Mono<Void> release(String key, String taskId);

    /** Gives back what one {@link #admit} under that key took from the bucket of that limit. */
    Mono<Void> giveBack(String key, Bandwidth limit);

    /** Keeps the text of a template revision as long as any task may need it. */
    Mono<Void> saveRevision(String revision, String text, long untilMillis);

    /** The text of a revision that is no longer, or not yet, in this replica's files. */
    Mono<Optional<String>> findRevision(String revision);

    /**
     * Ties a task of another anchor to a template revision, since no start has done so; the first caller decides.
     *
     * @param task the name of the task
     * @param revision the revision that runs here now
     * @param untilMillis when the task ends, epoch milliseconds
     * @return the revision that the task is tied to
     */
    Mono<String> pinRevision(String task, String revision, long untilMillis);

    /** The result of a claim. */
    sealed interface Claim {
        /** The subject token was unused and is now claimed. */
        record Claimed() implements Claim {}

        /** The same request, by the same key, claimed the subject token before. */
        record Same(KeptAnswer answer) implements Claim {}

        /** Another request claimed the subject token before. */
        record Taken() implements Claim {}
    }
}
