package dev.errand.trust;

import dev.errand.json.JsonValue.JsonObject;

/** The result of verifying a Security Event Token. */
public sealed interface SecurityEventResult {
    /**
     * The token is from the provider, and for this gateway.
     *
     * @param id its {@code jti}
     * @param claims all its claims; {@code events} is an object
     */
    record Accepted(HumanIssuer issuer, String id, JsonObject claims) implements SecurityEventResult {}

    /**
     * The token proves nothing.
     *
     * @param error the code (RFC 8935 section 2.4)
     * @param reason what is wrong, in words that quote nothing the sender sent
     */
    record Refused(String error, String reason) implements SecurityEventResult {}

    /** The provider's keys cannot be fetched at the moment. */
    record Unavailable(String reason) implements SecurityEventResult {}
}
