package dev.errand.jose.proof;

import dev.errand.identity.KeyThumbprint;
import org.jspecify.annotations.Nullable;

/**
 * What a DPoP proof is checked against.
 *
 * @param proof the value of the one {@code DPoP} header
 * @param method the request's method
 * @param target the configured issuer followed by the path as it was sent; a query or fragment in it is ignored
 * @param accessTokenHash what {@code ath} must be ({@link dev.errand.jose.Sha256#base64UrlOf} of the token); null where
 *     no token is presented
 * @param expectedKey the key that the token is bound to; null where the proof introduces its key
 */
public record DpopRequest(
        String proof,
        String method,
        String target,
        @Nullable String accessTokenHash,
        @Nullable KeyThumbprint expectedKey) {}
