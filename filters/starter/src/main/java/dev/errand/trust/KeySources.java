package dev.errand.trust;

import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.trust.LiveDocument.MalformedDocumentException;
import java.net.URI;
import java.nio.file.Path;

/** Opens the keys of an issuer or anchor: from a file, a URL, or OpenID discovery. */
public final class KeySources {
    private KeySources() {}

    public static FileDocument<JwkSet> file(Path file) throws MalformedDocumentException {
        return new FileDocument<>(file, JwkSet::parse);
    }

    /** A JWK Set at a configured URL, refreshed in the background from now on. */
    public static RemoteDocument<JwkSet> url(URI url, HttpFetch http, RefreshPolicy policy) {
        return RemoteDocument.of("keys at " + url.getHost(), () -> http.get(url), JwkSet::parse, policy)
                .start();
    }

    /**
     * The JWK Set that the issuer's metadata points to (OpenID Connect Discovery section 4), refreshed in the
     * background from now on.
     */
    public static RemoteDocument<JwkSet> discovery(String issuer, HttpFetch http, RefreshPolicy policy) {
        String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
        URI metadata = URI.create(base + "/.well-known/openid-configuration");
        return RemoteDocument.of(
                        "keys of " + issuer,
                        () -> http.get(metadata).flatMap(bytes -> http.get(jwksUri(issuer, bytes))),
                        JwkSet::parse,
                        policy)
                .start();
    }

    private static URI jwksUri(String issuer, byte[] metadata) {
        try {
            JsonObject document = Json.parseObject(metadata);
            String jwksUri = document.string("jwks_uri");
            if (issuer.equals(document.string("issuer")) && jwksUri != null) {
                return URI.create(jwksUri);
            }
        } catch (MalformedJsonException | IllegalArgumentException malformed) {
            // The exception below reports it.
        }
        throw new IllegalStateException("the issuer's metadata has another issuer, or no jwks_uri");
    }
}
