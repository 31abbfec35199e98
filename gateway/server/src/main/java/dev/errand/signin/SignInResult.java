package dev.errand.signin;

/** The result of a sign-in. */
public sealed interface SignInResult {
    /** The provider issued a token. Only the token's verification shows its human and its use. */
    record Accepted(String accessToken) implements SignInResult {}

    /** Nobody signed in. */
    record Refused(Why why) implements SignInResult {}

    /** The provider does not answer. */
    record Unavailable(String reason) implements SignInResult {}

    /** Why a sign-in failed. */
    enum Why {
        /** The answer is not one of this provider, or came too late. */
        STRANGE,
        /** The sign-in ended before: the browser asks again. */
        USED,
        /** The provider refused, or the human did. */
        DENIED,
        /** The provider cannot sign people in as strongly as is demanded (OpenID Connect Core, unmet requirements). */
        UNMET
    }
}
