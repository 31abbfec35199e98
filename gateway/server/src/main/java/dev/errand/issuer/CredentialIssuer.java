package dev.errand.issuer;

import dev.errand.jose.CredentialKeys;
import dev.errand.json.Jcs;
import dev.errand.json.JsonMembers;
import java.net.URI;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RequestPredicate;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * Serves the metadata and the keys of the issuer of tasks' credentials, below {@code /credentials}, as an OIDC issuer does (OpenID
 * Connect Discovery 1.0 section 4). Without {@code errand.credential-keys} there is neither. Thread-safe.
 */
final class CredentialIssuer {
    private static final String BELOW = "/credentials";
    private static final String METADATA = "/.well-known/openid-configuration";
    private static final String JWKS = "/.well-known/jwks.json";

    private final String issuer;
    private final CredentialKeys.Rotation keys;
    private final Set<String> roots = new LinkedHashSet<>();

    /**
     * @param gateway {@code errand.issuer}
     * @param issuer the {@code iss} of the credentials
     */
    CredentialIssuer(String gateway, String issuer, CredentialKeys.Rotation keys) {
        this.issuer = issuer;
        this.keys = keys;
        roots.add(BELOW);
        roots.add(path(gateway) + BELOW);
        if (issuer.startsWith(gateway + '/')) {
            roots.add(path(issuer));
            roots.add(issuer.substring(gateway.length()));
        }
    }

    private static String path(String url) {
        String path = URI.create(url).getRawPath();
        return path == null ? "" : path;
    }

    /** The routes, to be asked before those of the gateway. */
    RouterFunction<ServerResponse> router() {
        RouterFunctions.Builder router = RouterFunctions.route();
        for (String root : roots) {
            router.route(known(root + METADATA), request -> page(this::metadata));
            router.route(known(root + JWKS), request -> page(CredentialKeys::publicJwks));
        }
        return router.build();
    }

    /** Matches the path while there are keys; without keys the path may belong to a route. */
    private RequestPredicate known(String path) {
        return PublicDocument.at(path).and(request -> keys.current().isPresent());
    }

    private Mono<ServerResponse> page(Function<CredentialKeys, String> text) {
        return keys.current()
                .map(known -> ServerResponse.ok()
                        .contentType(MediaType.APPLICATION_JSON)
                        .header("Cache-Control", "public, max-age=300")
                        .bodyValue(text.apply(known)))
                .orElseGet(() -> ServerResponse.notFound().build());
    }

    private String metadata(CredentialKeys known) {
        JsonMembers body = new JsonMembers();
        body.put("issuer", issuer);
        body.put("jwks_uri", issuer + JWKS);
        body.put("response_types_supported", List.of("id_token"));
        body.put("subject_types_supported", List.of("public"));
        body.put("id_token_signing_alg_values_supported", known.algorithms());
        body.put("claims_supported", List.of("iss", "sub", "aud", "exp", "iat", "jti", "act", "errand"));
        return Jcs.canonical(body.toJson());
    }
}
