package dev.errand.issuer.approval;

import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonObject;
import java.util.Optional;
import java.util.Set;

/**
 * What a human decides.
 *
 * @param digest the digest of the request that the human saw
 */
record Decision(boolean approves, String digest) {
    /** The longest body of a decision, in bytes. */
    static final int MAX_BYTES = 4 * 1024;

    /** {@code {"decision":"approve"|"refuse","digest":…}}; empty for anything else. */
    static Optional<Decision> parse(byte[] body) {
        try {
            JsonObject json = Json.parseObject(body);
            String word = json.string("decision");
            String digest = json.string("digest");
            boolean known = "approve".equals(word) || "refuse".equals(word);
            return known && digest != null && json.members().keySet().equals(Set.of("decision", "digest"))
                    ? Optional.of(new Decision("approve".equals(word), digest))
                    : Optional.empty();
        } catch (MalformedJsonException e) {
            return Optional.empty();
        }
    }
}
