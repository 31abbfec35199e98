package dev.errand.trust;

import dev.errand.denial.StartReason;
import dev.errand.token.SpiffeId;

/** The result of verifying an SVID. */
public sealed interface SvidResult {
    /**
     * The SVID is valid.
     *
     * @param id the workload's SPIFFE ID, with a path
     */
    record Accepted(SpiffeId id) implements SvidResult {}

    /**
     * The SVID is refused.
     *
     * @param why the kind of the fault
     * @param reason what is wrong, in words that quote nothing the caller sent
     */
    record Refused(StartReason why, String reason) implements SvidResult {
        /** A malformed SVID. */
        public Refused(String reason) {
            this(StartReason.SVID, reason);
        }
    }

    /** The bundle of its trust domain is not available now, so the SVID can neither be accepted nor refused. */
    record Unavailable(String reason) implements SvidResult {}
}
