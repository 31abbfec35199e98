package dev.errand.task.approval;

import dev.errand.identity.Human;
import java.util.List;

/**
 * An approval by which a call passed, as records and upstreams are told of it. Immutable.
 *
 * @param id of the request
 * @param by who approved, in their order
 * @param digest {@code sha-256:} and the digest that was approved
 */
public record ApprovedUse(String id, List<Human> by, String digest) {
    public ApprovedUse {
        by = List.copyOf(by);
    }

    /** What a request that is used up says. */
    public static ApprovedUse of(ApprovalRequest request) {
        return new ApprovedUse(request.id(), request.by(), request.digest());
    }
}
