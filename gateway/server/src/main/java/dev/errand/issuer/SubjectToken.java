package dev.errand.issuer;

import dev.errand.jose.NumericDate;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.Human;

/**
 * A human's token that verified.
 *
 * @param human its issuer and subject
 * @param expiry its {@code exp}, epoch seconds
 * @param hash unpadded base64url SHA-256 of its signing input
 * @param claims all its claims
 */
record SubjectToken(Human human, long expiry, String hash, JsonObject claims) {
    /** When it was issued, in epoch seconds; 0 if it does not say. */
    long issued() {
        Long millis = NumericDate.millis(claims.get("iat"));
        return millis == null ? 0 : millis / 1000;
    }
}
