package dev.errand.upstream;

/** Which parts of an upstream's answers are searched for the credential that the gateway sent. */
public enum Echo {
    /** Headers, and bodies that are not encoded: of status 400 and above, and of at most 256 KiB. */
    SEARCH,
    /** Headers alone. */
    HEADERS,
    /** Nothing, but for the answers of credential paths. */
    OFF
}
