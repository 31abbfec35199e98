package dev.errand.token;

import dev.errand.json.JsonValue.JsonObject;

/**
 * A way to write delegation tokens: the {@code typ} of its tokens, and the names of their claims. The meaning of the
 * claims, and the steps that verify them, are the same in every dialect. Immutable; thread-safe.
 */
public interface TokenDialect {
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

    /**
     * The claims of a payload under their names in AAT-02. A malformed claim stays malformed, and the steps refuse it.
     */
    JsonObject claims(JsonObject payload);
}
