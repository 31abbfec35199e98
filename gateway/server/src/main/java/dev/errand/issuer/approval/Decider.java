package dev.errand.issuer.approval;

import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.Human;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A human whose token verified.
 *
 * @param claims all claims of the token
 * @param tokenHash the hash of its signing input, under which its one use is remembered
 * @param expiresAtMillis its {@code exp}, epoch milliseconds
 * @param digests the digests of the only requests that it is good for; null if it is good for all
 * @param looking whether the human only looks at pages by a session: time and strength of the sign-in then do not count
 */
record Decider(
        Human human,
        JsonObject claims,
        String tokenHash,
        long expiresAtMillis,
        @Nullable Set<String> digests,
        boolean looking) {
    /** Whether the token was issued, in whole seconds, not before that time. */
    boolean isIssuedSince(long millis) {
        return looking
                || (claims.get("iat") instanceof JsonNumber iat && iat.isLong() && iat.asLong() >= millis / 1000);
    }
}
