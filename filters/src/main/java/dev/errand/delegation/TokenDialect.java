package dev.errand.delegation;

import dev.errand.json.JsonValue.JsonObject;

/**
 * A way to spell delegation tokens: the {@code typ} that tells its tokens from others, and the names of their claims. What
 * the claims mean, and the steps that judge them, are the same of every dialect. Immutable; thread-safe.
 */
public interface TokenDialect {
    /** The dialect of AAT-02. */
    TokenDialect AAT = new TokenDialect() {
        @Override
        public String type() {
            return "aat+jwt";
        }

        @Override
        public JsonObject claims(JsonObject payload) {
            return payload;
        }
    };

    /** The {@code typ} of its tokens. */
    String type();

    /** The claims of a payload under the names of AAT-02; a claim that is malformed stays so, and the steps refuse it. */
    JsonObject claims(JsonObject payload);
}
