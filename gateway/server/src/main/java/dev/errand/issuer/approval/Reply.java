package dev.errand.issuer.approval;

import dev.errand.json.JsonWriter;
import dev.errand.task.Approvers;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a human.
 *
 * @param challenge the value of {@code WWW-Authenticate}, or null
 */
record Reply(int status, byte[] json, @Nullable String challenge) {
    private static final String INSUFFICIENT = "insufficient_user_authentication";

    static Reply ok(byte[] json) {
        return new Reply(200, json, null);
    }

    /** The token does not verify, or was used. */
    static Reply unauthorized() {
        return new Reply(401, error("invalid_token", "the token does not verify"), "Bearer error=\"invalid_token\"");
    }

    /** The human may decide, but has to sign in again (RFC 9470 section 3). */
    static Reply stepUp(Approvers by) {
        StringBuilder challenge = new StringBuilder("Bearer error=\"" + INSUFFICIENT + "\"");
        if (!by.acr().isEmpty()) {
            challenge
                    .append(", acr_values=\"")
                    .append(String.join(" ", new TreeSet<>(by.acr())).replaceAll("[\"\\\\\\p{Cntrl}]", ""))
                    .append('"');
        }
        if (by.maxAgeSeconds() != null) {
            challenge.append(", max_age=\"").append(by.maxAgeSeconds()).append('"');
        }
        return new Reply(401, error(INSUFFICIENT, "sign in again, as the challenge says"), challenge.toString());
    }

    /** Whether it is {@link #stepUp}. */
    boolean isStepUp() {
        return challenge != null && challenge.contains(INSUFFICIENT);
    }

    /** There is no such request for this human. */
    static Reply unknown() {
        return new Reply(404, error("not_found", "there is no such request for you"), null);
    }

    static Reply conflict() {
        return new Reply(409, error("conflict", "the request has another digest, or was decided already"), null);
    }

    static Reply malformed(String why) {
        return new Reply(400, error("invalid_request", why), null);
    }

    static Reply unavailable() {
        return new Reply(503, error("temporarily_unavailable", "a dependency is unavailable: ask again"), null);
    }

    private static byte[] error(String code, String description) {
        return new JsonWriter()
                .object()
                .member("error", code)
                .member("error_description", description)
                .end()
                .toBytes();
    }
}
