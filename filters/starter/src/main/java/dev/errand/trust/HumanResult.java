package dev.errand.trust;

import dev.errand.denial.StartReason;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.Human;

/** The result of verifying a human's token. */
public sealed interface HumanResult {
    /**
     * The token is from the issuer, for this gateway, and valid now.
     *
     * @param human the human that it is about
     * @param claims all of its claims
     * @param tokenHash SHA-256 of its signing input, unpadded base64url: the key under which its use is recorded
     * @param expiresAtMillis {@code exp}, epoch milliseconds
     */
    record Accepted(Human human, JsonObject claims, String tokenHash, long expiresAtMillis) implements HumanResult {}

    /**
     * The token proves nothing.
     *
     * @param why the kind of the fault
     * @param reason what is wrong, in words that quote nothing the caller sent
     */
    record Refused(StartReason why, String reason) implements HumanResult {}

    /** The issuer's keys cannot be fetched at the moment, so the token cannot be verified. */
    record Unavailable(String reason) implements HumanResult {}
}
