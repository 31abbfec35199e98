package dev.errand.gateway.issuer.start;

import dev.errand.identity.Human;
import dev.errand.json.JsonValue.JsonObject;

/**
 * A human's token that verified.
 *
 * @param human its issuer and subject
 * @param expiry its {@code exp}, epoch seconds
 * @param hash unpadded base64url SHA-256 of its signing input
 * @param claims all its claims
 */
public record SubjectToken(Human human, long expiry, String hash, JsonObject claims) {}
