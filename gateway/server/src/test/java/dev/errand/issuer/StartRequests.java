package dev.errand.issuer;

import dev.errand.jose.JwsAlgorithm;
import dev.errand.jose.TestKeys;
import dev.errand.jose.TestKeys.TestKey;
import dev.errand.json.Json;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.Sha256;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

/** A start that succeeds by default, broken in one place per test. */
final class StartRequests {
    static final List<String> TEMPLATES = List.of("""
            template: release
            agents: ["spiffe://example.org/agent/release-*"]
            humans: {claim: groups, any: [release-managers]}
            lifetime: 15m
            delegation: {max-depth: 2, max-children: 8}
            parameters: {service: "[a-z][a-z0-9-]{0,39}"}
            allow:
              vault:kv.read: {resource: {path_containment: "secret/ci/{service}"}}
              ci:pipeline.get: {n: {range: {min: 1, max: 10}}}
            limits: {task: [{capacity: 40, per: 10s}], calls: 200}
            sequence: [{vault:kv.read: 1..3}]
            interleave: [ci:pipeline.get]
            """, """
            template: nightly
            agents: ["spiffe://example.org/agent/release-*"]
            humans: {claim: groups, any: [release-managers]}
            lifetime: 15m
            parameters: {service: "[a-z][a-z0-9-]{0,39}"}
            allow:
              vault:kv.read: {resource: {path_containment: "secret/ci/{service}"}}
              ci:pipeline.get: {n: {range: {min: 1, max: 10}}}
            limits: {calls: 100}
            standing: {runs: 60, within: 31d}
            """, """
            template: consent
            agents: ["spiffe://example.org/agent/release-bot"]
            humans: {issuer: "https://idp.example.org", consent: task}
            parameters: {service: "[a-z]+"}
            allow: {ci:pipeline.get: {}}
            limits: {calls: 100}
            """, """
            template: strict
            agents: ["spiffe://example.org/agent/release-bot"]
            humans: {issuer: "https://idp.example.org"}
            starts: {active: 1}
            allow: {ci:pipeline.get: {}}
            instruction: {require: true}
            """, """
            template: seldom
            agents: ["spiffe://example.org/agent/release-bot"]
            humans: {issuer: "https://idp.example.org"}
            starts: {limit: {capacity: 1, per: 1h}}
            instruction: {trust: agent}
            allow: {ci:pipeline.get: {}}
            """, """
            template: elsewhere
            agents: ["spiffe://example.org/agent/another"]
            humans: {issuer: "https://idp.example.com"}
            allow: {ci:pipeline.get: {}}
            """, """
            template: foreign-human
            agents: ["spiffe://example.org/agent/release-bot"]
            humans: {issuer: "https://idp.example.com"}
            allow: {ci:pipeline.get: {}}
            """);

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private StartRequests() {}

    /** An answer as JSON, an empty body as an empty object. */
    record Reply(int status, JsonObject body, HttpResponse<String> raw) {
        String error() {
            return body.string("error");
        }

        String token() {
            return body.string("access_token");
        }
    }

    /** One request that a test may change before it is sent. */
    static final class Call {
        final String path;
        final Map<String, String> form = new LinkedHashMap<>();
        final Map<String, String> headers = new LinkedHashMap<>();
        final List<String> proofs = new ArrayList<>();
        String more = "";
        TestKey holder = TestKeys.of(JwsAlgorithm.ED25519);
        Map<String, Object> human = humanClaims();
        TestKey humanKey = IssuerServer.IDP_KEY;
        String humanHeader = "{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"JWT\"}";
        Map<String, Object> svid = svidClaims();
        TestKey svidKey = IssuerServer.SPIRE_KEY;
        Map<String, Object> proof = new LinkedHashMap<>();
        String proofHeader;

        Call(String path) {
            this.path = path;
            proof.put("jti", UUID.randomUUID().toString());
            proof.put("htm", "POST");
            proof.put("htu", IssuerServer.ISSUER + path);
            proof.put("iat", now());
            headers.put("Content-Type", "application/x-www-form-urlencoded");
        }

        /** The same request with a fresh proof. */
        Call again() {
            proof.put("jti", UUID.randomUUID().toString());
            proofs.clear();
            return this;
        }

        Call details(String json) {
            form.put("authorization_details", json);
            return this;
        }

        Reply send(IssuerServer server) {
            if (path.equals("/oauth2/token")) {
                form.putIfAbsent("subject_token", humanKey.jws(humanHeader, json(human)));
                form.putIfAbsent("client_assertion", svid(svidKey, svid));
            }
            if (proofs.isEmpty()) {
                proofs.add(holder.jws(
                        proofHeader != null
                                ? proofHeader
                                : "{\"typ\":\"dpop+jwt\",\"alg\":\""
                                        + holder.algorithm().id() + "\",\"jwk\":" + holder.jwk("") + "}",
                        json(proof)));
            }
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.url(path)))
                    .POST(HttpRequest.BodyPublishers.ofString(encoded() + more));
            headers.forEach(request::header);
            proofs.stream().filter(each -> !each.isEmpty()).forEach(each -> request.header("DPoP", each));
            return StartRequests.send(request.build());
        }

        private String encoded() {
            return form.entrySet().stream()
                    .map(each -> each.getKey() + "=" + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
                    .collect(Collectors.joining("&"));
        }
    }

    static Call start() {
        Call call = new Call("/oauth2/token");
        call.form.put("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange");
        call.form.put("subject_token_type", "urn:ietf:params:oauth:token-type:access_token");
        call.form.put("requested_token_type", "urn:ietf:params:oauth:token-type:access_token");
        call.form.put("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-spiffe");
        return call.details(
                "[{\"type\":\"errand_start\",\"template\":\"release\",\"parameters\":{\"service\":\"payments\"}}]");
    }

    /** A revocation or introspection by the holder. */
    static Call about(String path, String token, TestKey holder) {
        Call call = new Call(path);
        call.form.put("token", token);
        call.holder = holder;
        if (path.endsWith("revoke")) {
            call.proof.put("ath", Sha256.base64UrlOf(token));
        }
        return call;
    }

    static Reply get(IssuerServer server, String path) {
        return send(HttpRequest.newBuilder(URI.create(server.url(path))).GET().build());
    }

    static HttpResponse<String> head(IssuerServer server, String path) {
        return send(HttpRequest.newBuilder(URI.create(server.url(path)))
                        .method("HEAD", HttpRequest.BodyPublishers.noBody())
                        .build())
                .raw();
    }

    private static Reply send(HttpRequest request) {
        try {
            HttpResponse<String> response = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
            boolean json =
                    response.headers().firstValue("Content-Type").orElse("").startsWith("application/json");
            return new Reply(
                    response.statusCode(),
                    json && !response.body().isEmpty() ? TestKeys.object(response.body()) : JsonObject.EMPTY,
                    response);
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    static long now() {
        return System.currentTimeMillis() / 1000;
    }

    static Map<String, Object> humanClaims() {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("iss", IssuerServer.IDP);
        claims.put("sub", "user:7f3c");
        claims.put("aud", "errand");
        claims.put("iat", now());
        claims.put("exp", now() + 300);
        claims.put("jti", UUID.randomUUID().toString());
        claims.put("groups", List.of("staff", "release-managers"));
        claims.put("auth_time", now() - 60);
        claims.put("acr", "phr");
        return claims;
    }

    static Map<String, Object> svidClaims() {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("sub", IssuerServer.AGENT);
        claims.put("aud", List.of(IssuerServer.ISSUER));
        claims.put("iat", now());
        claims.put("exp", now() + 300);
        return claims;
    }

    static String svid(TestKey key, Map<String, Object> claims) {
        return key.jws("{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"JWT\"}", json(claims));
    }

    /** Strings quoted, raw {@link JsonValue}s and numbers as they are. */
    static String json(Object value) {
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .map(each -> "\"" + each.getKey() + "\":" + json(each.getValue()))
                    .collect(Collectors.joining(",", "{", "}"));
        }
        if (value instanceof List<?> list) {
            return list.stream().map(StartRequests::json).collect(Collectors.joining(",", "[", "]"));
        }
        return value instanceof String text ? dev.errand.json.Jcs.canonical(new JsonString(text)) : value.toString();
    }

    /** The claims of a token, unverified. */
    static JsonObject claims(String token) {
        return TestKeys.object(
                new String(java.util.Base64.getUrlDecoder().decode(token.split("\\.")[1]), StandardCharsets.UTF_8));
    }

    static JsonValue parse(String json) {
        try {
            return Json.parse(json);
        } catch (Json.MalformedJsonException e) {
            throw new AssertionError(e);
        }
    }
}
