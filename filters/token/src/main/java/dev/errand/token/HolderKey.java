package dev.errand.token;

import dev.errand.json.JsonValue.JsonObject;
import java.security.PublicKey;

/**
 * A public key that verifies a token or a proof.
 *
 * @param jwk the public JWK as it was in the token, without private members
 * @param thumbprint its RFC 7638 thumbprint
 * @param key the same key for the JCA
 */
public record HolderKey(JsonObject jwk, KeyThumbprint thumbprint, PublicKey key) {}
