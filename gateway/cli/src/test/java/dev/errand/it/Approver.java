package dev.errand.it;

import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A human who decides on requests, by tokens of the client at which people approve. */
record Approver(TestHuman idp, String subject) {
    static final String CLIENT = "errand-approvals";
    static final String AUDIENCE = RunningGateway.ISSUER + "/approvals";

    /** {@code ask.by} of a template that they satisfy. */
    static final String BY = "by: {claim: groups, any: [approvers], clients: [" + CLIENT + "]}";

    /** A fresh token, good for ten minutes. */
    String token() {
        return token(AUDIENCE, "approvers", "");
    }

    /** @param more further claims, such as {@code ,"acr":"x"} */
    String token(String audience, String group, String more) {
        long now = Instant.now().getEpochSecond();
        return idp.sign("{\"iss\":\"" + idp.issuer() + "\",\"sub\":\"" + subject + "\",\"aud\":\"" + audience
                + "\",\"azp\":\"" + CLIENT + "\",\"iat\":" + now + ",\"exp\":" + (now + 600) + ",\"auth_time\":" + now
                + ",\"jti\":\"" + UUID.randomUUID() + "\",\"groups\":[\"" + group + "\"]" + more + "}");
    }

    HttpResponse<String> see(RunningGateway gateway, String id) {
        return send(gateway, "GET", "/approvals/" + id, token(), null);
    }

    HttpResponse<String> approve(RunningGateway gateway, Asked asked) {
        return decide(gateway, asked, "approve", token());
    }

    HttpResponse<String> refuse(RunningGateway gateway, Asked asked) {
        return decide(gateway, asked, "refuse", token());
    }

    static HttpResponse<String> decide(RunningGateway gateway, Asked asked, String word, String token) {
        String body = "{\"decision\":\"" + word + "\",\"digest\":\"" + asked.digest() + "\"}";
        return send(gateway, "POST", "/approvals/" + asked.id(), token, body);
    }

    static HttpResponse<String> send(
            RunningGateway gateway, String method, String path, @Nullable String token, @Nullable String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(gateway.address() + path))
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        try {
            return TestAgent.HTTP.send(request.build(), BodyHandlers.ofString());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** What a refusal says of the request that it opened. */
    record Asked(String id, String digest, String uri, long expiresIn) {
        static Asked of(HttpResponse<String> refusal) {
            JsonObject problem = TestAgent.json(refusal.body());
            JsonObject approval = problem.object("approval");
            if (approval == null) {
                throw new AssertionError(refusal.body());
            }
            return new Asked(
                    String.valueOf(approval.string("id")),
                    String.valueOf(approval.string("digest")),
                    String.valueOf(approval.string("uri")),
                    ((JsonNumber) approval.get("expires_in")).asLong());
        }
    }

    /** A template that asks about writes outside its plan, and about every deletion. */
    static String template(String name, String ask, String more) {
        return """
                template: %s
                agents: ["spiffe://example.org/agent/*"]
                humans: {claim: groups, any: [release-managers]}
                lifetime: 30m
                delegation: {max-depth: 6, max-children: 1000}
                parameters: {project: "[a-z][a-z0-9-]{0,39}"}
                allow:
                  vault:kv.read: {resource: {path_containment: "secret/docs/{project}"}, version: {wildcard: true, optional: true}}
                  vault:kv.write: {resource: {path_containment: "secret/docs/{project}"}}
                  vault:kv.delete: {resource: {path_containment: "secret/docs/{project}"}, ask: always}
                sequence: [{vault:kv.read: 1..*}, {vault:kv.metadata.read: "?"}]
                interleave: [vault:kv.delete]
                on-violation: {sequence: ask, rule: ask, repeated: {denials: 10000, within: 60s, then: interrupt}}
                ask: {%s}
                %s
                """.formatted(name, ask, more);
    }
}
