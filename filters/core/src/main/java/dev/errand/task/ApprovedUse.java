package dev.errand.task;

import dev.errand.token.Human;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An approval that a call used, as records and upstreams see it. Immutable.
 *
 * @param id the request's id
 * @param by the humans who approved, in the order of their approvals
 * @param digest {@code sha-256:} and the digest that was approved
 * @param offer the calls that people approved at once; null if they approved one call
 */
public record ApprovedUse(
        String id, List<Human> by, String digest, @Nullable Offered offer) {
    /**
     * One of several calls that people approved at once.
     *
     * @param calls how many calls may pass
     * @param used how many have passed, this one included
     */
    public record Offered(int calls, int used) {}

    public ApprovedUse {
        by = List.copyOf(by);
    }

    public static ApprovedUse of(ApprovalRequest request) {
        Offer taken = request.offered();
        return new ApprovedUse(
                request.id(),
                request.by(),
                request.approvedDigest(),
                taken == null
                        ? null
                        : new Offered(taken.terms().calls(), taken.uses().size()));
    }
}
