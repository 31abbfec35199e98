package dev.errand.jose.spiffe;

import dev.errand.denial.StartReason;
import dev.errand.identity.SpiffeId;

/** What came of an SVID. */
public sealed interface SvidResult {
    /**
     * The workload is the one named.
     *
     * @param id its SPIFFE ID, with a path
     */
    record Accepted(SpiffeId id) implements SvidResult {}

    /**
     * The SVID attests nothing.
     *
     * @param why the kind of the fault
     * @param reason what is wrong, in words that quote nothing the caller sent
     */
    record Refused(StartReason why, String reason) implements SvidResult {
        /** An SVID that has not the form of one. */
        public Refused(String reason) {
            this(StartReason.SVID, reason);
        }
    }

    /**
     * The bundle of its trust domain is not available at the moment, so the SVID can neither be accepted nor refused.
     */
    record Unavailable(String reason) implements SvidResult {}
}
