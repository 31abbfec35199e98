package dev.errand.gateway.signin;

import dev.errand.json.JsonValue.JsonObject;

/** What came of a sign-in. */
public sealed interface Finished {
    /**
     * The provider gave a token. Whose token it is and for what it is good, its verification tells.
     *
     * @param purpose for which the sign-in was begun, as it was given then
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
