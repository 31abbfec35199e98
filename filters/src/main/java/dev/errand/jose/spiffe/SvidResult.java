package dev.errand.jose.spiffe;

import dev.errand.identity.SpiffeId;

/** What came of an SVID. */
public sealed interface SvidResult {
    /**
     * The workload is the one named.
     *
     * @param id its SPIFFE ID, with a path
     */
    record Accepted(SpiffeId id) implements SvidResult {}

    /** The SVID attests nothing; the reason quotes nothing the caller sent. */
    record Refused(String reason) implements SvidResult {}

    /** The bundle of its trust domain cannot be had at the moment, so nothing can be said of the SVID. */
    record Unavailable(String reason) implements SvidResult {}
}
