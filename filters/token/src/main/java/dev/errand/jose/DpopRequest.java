package dev.errand.jose;

import dev.errand.token.KeyThumbprint;
import org.jspecify.annotations.Nullable;

/**
 * The request that a DPoP proof must be for.
 *
 * @param proof the value of the single {@code DPoP} header
 * @param method the request's method
 * @param target the configured issuer followed by the path as it was sent; a query or fragment in it is ignored
 * @param accessTokenHash the value that {@code ath} must have ({@link dev.errand.token.Sha256#base64UrlOf} of the
 *     token); null if no token is presented
 * @param expectedKey the key that the token is bound to; null if the proof introduces its key
 */
public record DpopRequest(
        String proof,
        String method,
        String target,
        @Nullable String accessTokenHash,
        @Nullable KeyThumbprint expectedKey) {}
