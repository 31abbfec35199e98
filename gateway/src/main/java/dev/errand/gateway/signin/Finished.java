package dev.errand.gateway.signin;

import dev.errand.json.JsonValue.JsonObject;

/** The result of a sign-in. */
public sealed interface Finished {
    /**
     * The provider issued a token. Only the token's verification shows its human and its use.
     *
     * @param purpose the purpose that was given when the sign-in began
     */
    record Accepted(String accessToken, JsonObject purpose) implements Finished {}

    /** Nobody signed in, or the answer belongs to no sign-in of this browser. */
    record Refused(Why why) implements Finished {}

    /** The provider does not answer. */
    record Unavailable(String reason) implements Finished {}

    /** Why a sign-in failed. */
    enum Why {
        /** The answer belongs to no sign-in of this browser, or to one that is too old or over. */
        STRANGE,
        /** The provider refused, or the human did. */
        DENIED,
        /** The provider cannot sign people in as strongly as is demanded (OpenID Connect Core, unmet requirements). */
        UNMET
    }
}
