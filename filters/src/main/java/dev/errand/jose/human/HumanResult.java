package dev.errand.jose.human;

import dev.errand.denial.StartReason;
import dev.errand.identity.Human;
import dev.errand.json.JsonValue.JsonObject;

/** What came of a human's token. */
public sealed interface HumanResult {
    /**
     * The token is the issuer's, for us, and good now.
     *
     * @param human whom it is about
     * @param claims all of its claims
     * @param tokenHash SHA-256 of its signing input, unpadded base64url, by which it is claimed
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

    /** The issuer's keys cannot be fetched at the moment, so the token cannot be judged. */
    record Unavailable(String reason) implements HumanResult {}
}
