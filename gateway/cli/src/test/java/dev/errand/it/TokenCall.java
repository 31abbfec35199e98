package dev.errand.it;

import dev.errand.holder.Proofs;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A request to one of the OAuth endpoints that succeeds until a test changes one thing in it. Not thread-safe. */
final class TokenCall {
    private static final String TYPE = "urn:ietf:params:oauth:";

    final String path;
    final Map<String, String> form = new LinkedHashMap<>();
    final List<String> proofs = new ArrayList<>();
    final Map<String, String> headers = new LinkedHashMap<>();
    String more = "";
    TestKey holder = TestKey.ed25519("agent");

    private TokenCall(String path) {
        this.path = path;
        headers.put("Content-Type", "application/x-www-form-urlencoded");
    }

    /** A start of an {@code explore} by that human and agent. */
    static TokenCall start(TestHuman human, TestWorkloads workloads) {
        TokenCall call = new TokenCall("/oauth2/token");
        call.form.put("grant_type", TYPE + "grant-type:token-exchange");
        call.form.put("subject_token", human.token());
        call.form.put("subject_token_type", TYPE + "token-type:jwt");
        call.form.put("client_assertion_type", TYPE + "client-assertion-type:jwt-spiffe");
        call.form.put("client_assertion", workloads.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER));
        call.form.put("requested_token_type", TYPE + "token-type:access_token");
        return call.asking("explore", "{\"project\":\"payments\"}", "");
    }

    static TokenCall revoke(TestAgent agent) {
        return of("/oauth2/revoke", agent);
    }

    static TokenCall introspect(TestAgent agent) {
        return of("/oauth2/introspect", agent);
    }

    private static TokenCall of(String path, TestAgent agent) {
        TokenCall call = new TokenCall(path);
        call.holder = agent.key();
        call.form.put("token", agent.token());
        if (!agent.ancestors().isEmpty()) {
            call.headers.put("Delegation-Chain", String.join(", ", agent.ancestors()));
        }
        return call;
    }

    TokenCall asking(String template, String parameters, String more) {
        return with(
                "authorization_details",
                "[{\"type\":\"errand_start\",\"template\":\"" + template + "\",\"parameters\":" + parameters + more
                        + "}]");
    }

    TokenCall with(String name, String value) {
        form.put(name, value);
        return this;
    }

    TokenCall without(String name) {
        form.remove(name);
        return this;
    }

    TokenCall header(String name, String value) {
        headers.put(name, value);
        return this;
    }

    /** With text behind the encoded form. */
    TokenCall more(String text) {
        more = text;
        return this;
    }

    TokenCall by(TestKey key) {
        holder = key;
        return this;
    }

    /** With these proofs instead of a good one; an empty one stands for none. */
    TokenCall proofs(String... values) {
        proofs.addAll(List.of(values));
        return this;
    }

    /** With a proof of changed claims. */
    TokenCall proof(UnaryOperator<String> claims) {
        String token = form.get("token");
        String plain = "{\"jti\":\"" + UUID.randomUUID() + "\",\"iat\":"
                + Instant.now().getEpochSecond()
                + ",\"htm\":\"POST\",\"htu\":\"" + RunningGateway.ISSUER + path + "\""
                + (token == null ? "" : ",\"ath\":\"" + Jws.sha256(token) + "\"") + "}";
        return proofs(holder.jws(Attempt.dpopHeader(holder), claims.apply(plain)));
    }

    HttpResponse<String> send(RunningGateway gateway) {
        return send(gateway.address());
    }

    HttpResponse<String> send(URI gateway) {
        try {
            return TestAgent.HTTP.send(request(gateway), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    CompletableFuture<HttpResponse<String>> sendAsync(RunningGateway gateway) {
        return TestAgent.HTTP.sendAsync(request(gateway.address()), HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest request(URI gateway) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(gateway.resolve(path)).POST(HttpRequest.BodyPublishers.ofString(body()));
        headers.forEach(request::header);
        List<String> all = proofs.isEmpty()
                ? List.of(
                        Proofs.dpop(holder.agent(), "POST", RunningGateway.ISSUER + path, token(), null, Instant.now()))
                : proofs;
        all.stream().filter(proof -> !proof.isEmpty()).forEach(proof -> request.header("DPoP", proof));
        return request.build();
    }

    private @Nullable String token() {
        return form.get("token");
    }

    private String body() {
        return form.entrySet().stream()
                        .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
                        .collect(Collectors.joining("&"))
                + more;
    }
}
