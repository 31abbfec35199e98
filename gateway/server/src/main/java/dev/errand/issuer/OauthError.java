package dev.errand.issuer;

import java.util.Locale;

/** The closed list of errors of the token, revocation and introspection endpoints, each with its HTTP status. */
enum OauthError {
    /** RFC 6749 section 5.2; RFC 8693 section 2.2.2 for a subject token that does not verify. */
    INVALID_REQUEST(400),
    /** RFC 6749 section 5.2. */
    INVALID_CLIENT(401),
    /** RFC 6749 section 5.2. */
    INVALID_GRANT(400),
    /** RFC 6749 section 5.2. */
    UNAUTHORIZED_CLIENT(400),
    /** RFC 6749 section 5.2. */
    UNSUPPORTED_GRANT_TYPE(400),
    /** RFC 6749 section 5.2. */
    INVALID_SCOPE(400),
    /** RFC 7009 section 2.2.1. */
    UNSUPPORTED_TOKEN_TYPE(400),
    /** RFC 6749 section 4.1.2.1: an operator's lock forbids such a task to start. */
    ACCESS_DENIED(400),
    /** RFC 8628 section 3.5: no human has decided yet. */
    AUTHORIZATION_PENDING(400),
    /** RFC 8628 section 3.5: the agent asked too soon. */
    SLOW_DOWN(400),
    /** RFC 8628 section 3.5: nobody decided in time. */
    EXPIRED_TOKEN(400),
    /** RFC 8707 section 2. */
    INVALID_TARGET(400),
    /** RFC 9396 section 5. */
    INVALID_AUTHORIZATION_DETAILS(400),
    /** RFC 9449 section 5. */
    INVALID_DPOP_PROOF(400),
    /** RFC 9449 section 8. */
    USE_DPOP_NONCE(400),
    /** The body is longer than is read. */
    REQUEST_TOO_LARGE(413, "invalid_request"),
    /** Too many requests or starts; come back later. */
    TOO_MANY(429, "temporarily_unavailable"),
    /** Shared state cannot be reached, or this replica issues no tokens; come back later. */
    TEMPORARILY_UNAVAILABLE(503);

    private final int status;
    private final String code;

    OauthError(int status) {
        this.status = status;
        this.code = name().toLowerCase(Locale.ROOT);
    }

    OauthError(int status, String code) {
        this.status = status;
        this.code = code;
    }

    /** The HTTP status of the answer. */
    public int status() {
        return status;
    }

    /** The {@code error} member. */
    public String code() {
        return code;
    }
}
