package dev.errand.task;

import dev.errand.token.Human;
import java.util.List;

/**
 * An approval that a call used, as records and upstreams see it. Immutable.
 *
 * @param id the request's id
 * @param by the humans who approved, in the order of their approvals
 * @param digest {@code sha-256:} and the digest that was approved
 */
public record ApprovedUse(String id, List<Human> by, String digest) {
    public ApprovedUse {
        by = List.copyOf(by);
    }

    /** The use of a request. */
    public static ApprovedUse of(ApprovalRequest request) {
        return new ApprovedUse(request.id(), request.by(), request.digest());
    }
}
