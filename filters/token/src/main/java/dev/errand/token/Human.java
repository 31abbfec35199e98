package dev.errand.token;

import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue.JsonObject;

/**
 * The human on whose behalf a task runs. Two issuers may use the same subject, so only both together name a human.
 *
 * @param issuer the identity provider's {@code iss}
 * @param subject its {@code sub}
 */
public record Human(String issuer, String subject) {
    /** The object {@code {"iss", "sub"}}. */
    public JsonObject toJson() {
        return new JsonMembers().put("iss", issuer).put("sub", subject).toJson();
    }
}
