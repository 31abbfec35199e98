package dev.errand.issuer;

import dev.errand.jose.JwsAlgorithm;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The metadata of the authorization server (RFC 8414) and of each route as a resource (RFC 9728). Thread-safe.
 *
 * @param routes the ids of the running routes that demand a delegation token
 * @param asking whether agents may ask for tasks, which humans allow
 */
record IssuerMetadata(IssuerSettings settings, Supplier<Set<String>> routes, boolean asking) {
    private static final String SVID_METHOD = "spiffe_jwt";

    /** The metadata of the authorization server (RFC 8414 section 2). */
    public JsonObject authorizationServer() {
        JsonMembers body = new JsonMembers();
        body.put("issuer", settings.issuer());
        body.put("token_endpoint", url(StartService.PATH));
        body.put("revocation_endpoint", url(RevokeService.PATH));
        body.put("introspection_endpoint", url(IntrospectService.PATH));
        if (asking) {
            body.put("device_authorization_endpoint", url(DeviceAuthorization.PATH));
        }
        body.put("jwks_uri", url("/.well-known/jwks.json"));
        body.put("response_types_supported", List.of());
        body.put(
                "grant_types_supported",
                asking ? List.of(StartForm.GRANT_TYPE, DeviceGrant.GRANT_TYPE) : List.of(StartForm.GRANT_TYPE));
        body.put("token_endpoint_auth_methods_supported", List.of(SVID_METHOD, "spiffe_x509"));
        body.put("revocation_endpoint_auth_methods_supported", List.of("none"));
        body.put("introspection_endpoint_auth_methods_supported", List.of("none", SVID_METHOD, "spiffe_x509"));
        body.put("dpop_signing_alg_values_supported", algorithms());
        body.put("authorization_details_types_supported", List.of("errand_start", "attenuating_agent_token"));
        body.put("aat_issuer", true);
        return body.toJson();
    }

    /** The metadata of a route (RFC 9728 section 2); empty if there is no such route. */
    public Optional<JsonObject> protectedResource(String route) {
        if (!routes.get().contains(route)) {
            return Optional.empty();
        }
        JsonMembers body = new JsonMembers();
        body.put("resource", url("/" + route));
        body.put("resource_name", route);
        body.put("authorization_servers", List.of(settings.issuer()));
        body.put("bearer_methods_supported", List.of("header"));
        body.put("dpop_signing_alg_values_supported", algorithms());
        body.put("dpop_bound_access_tokens_required", true);
        body.put("authorization_details_types_supported", List.of("attenuating_agent_token", "errand_task"));
        return Optional.of(body.toJson());
    }

    private JsonString url(String path) {
        return new JsonString(settings.url(path));
    }

    private static List<String> algorithms() {
        return JwsAlgorithm.OF_HOLDERS.stream().map(JwsAlgorithm::id).toList();
    }
}
