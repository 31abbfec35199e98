package dev.errand.delegation;

import dev.errand.identity.KeyThumbprint;
import dev.errand.json.JsonValue.JsonObject;
import java.security.PublicKey;

/**
 * A public key that a token or proof is verified with.
 *
 * @param jwk the public JWK as it stood in the token, private members refused
 * @param thumbprint its RFC 7638 thumbprint
 * @param key the same key for the JCA
 */
public record HolderKey(JsonObject jwk, KeyThumbprint thumbprint, PublicKey key) {}
