package dev.errand.signin;

import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.trust.HttpFetch;
import dev.errand.trust.LiveDocument.MalformedDocumentException;
import java.net.URI;
import java.util.List;

/**
 * An identity provider's metadata, as far as a sign-in needs them (OpenID Connect Discovery section 3, RFC 8414 section 2).
 * Immutable.
 *
 * @param authorization where people are sent
 * @param token where the code is exchanged
 * @param namesIssuer whether each answer names the provider (RFC 9207 section 3)
 * @param basic whether the client's secret goes into {@code Authorization}; else into the form
 */
public record ProviderMetadata(String issuer, URI authorization, URI token, boolean namesIssuer, boolean basic) {
    /** The URLs where the document may be, the most likely first. An {@link IllegalArgumentException} if the issuer is no URL. */
    public static List<URI> documents(String issuer) {
        URI uri = URI.create(issuer);
        String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
        String path = uri.getRawPath() == null ? "" : uri.getRawPath().replaceFirst("/$", "");
        return List.of(
                URI.create(base + "/.well-known/openid-configuration"),
                URI.create(uri.getScheme() + "://" + uri.getRawAuthority() + "/.well-known/oauth-authorization-server"
                        + path));
    }

    /** Reads a document, which must be that of the issuer. */
    static ProviderMetadata parse(String issuer, byte[] document) throws MalformedDocumentException {
        JsonObject json;
        try {
            json = Json.parseObject(document);
        } catch (MalformedJsonException e) {
            throw new MalformedDocumentException("the provider's metadata is no JSON object");
        }
        if (!issuer.equals(json.string("issuer"))) {
            throw new MalformedDocumentException("the provider's metadata names another issuer");
        }
        JsonValue ways = json.get("token_endpoint_auth_methods_supported");
        return new ProviderMetadata(
                issuer,
                endpoint(json, "authorization_endpoint"),
                endpoint(json, "token_endpoint"),
                new JsonBoolean(true).equals(json.get("authorization_response_iss_parameter_supported")),
                !(ways instanceof JsonArray named) || named.values().contains(new JsonString("client_secret_basic")));
    }

    private static URI endpoint(JsonObject json, String name) throws MalformedDocumentException {
        try {
            URI url = URI.create(String.valueOf(json.string(name)));
            if (HttpFetch.isAcceptable(url)) {
                return url;
            }
        } catch (IllegalArgumentException e) {
            throw new MalformedDocumentException("the provider's " + name + " is no address");
        }
        throw new MalformedDocumentException(
                "the provider's " + name + " must be there, and https, or http on this machine");
    }

    /** Scheme and authority of the page where people sign in. */
    public String origin() {
        return origin(authorization);
    }

    static String origin(URI url) {
        return url.getScheme() + "://" + url.getRawAuthority();
    }
}
