package dev.errand.load;

import dev.errand.jose.KeyAlgorithm;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonString;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The gateway under load, as system properties name it, and the keys that its configuration trusts.
 *
 * @param address where it is reached ({@code errand.load.gateway})
 * @param issuer its identifier, which proofs name ({@code errand.load.issuer})
 * @param human the identity provider's key ({@code errand.load.keys}{@code /idp.jwk})
 * @param workloads the trust domain's key ({@code errand.load.keys}{@code /workloads.jwk})
 */
record Target(String address, String issuer, Signer human, Signer workloads) {
    private static final String OAUTH = "urn:ietf:params:oauth:";

    static Target ofSystemProperties() {
        Path keys = Path.of(property("errand.load.keys"));
        return new Target(
                property("errand.load.gateway"),
                System.getProperty("errand.load.issuer", "https://gateway.example.org"),
                Signer.read(keys.resolve("idp.jwk")),
                Signer.read(keys.resolve("workloads.jwk")));
    }

    private static String property(String name) {
        String value = System.getProperty(name);
        if (value == null) {
            throw new IllegalArgumentException("-D" + name + " is missing: load-tests/run sets it");
        }
        return value;
    }

    /** Starts that many tasks, each of another human's token and another agent. */
    List<StartedTask> start(int tasks) {
        HttpClient http =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
        return IntStream.range(0, tasks).mapToObj(i -> start(http, i)).toList();
    }

    private StartedTask start(HttpClient http, int number) {
        Signer holder = Signer.generate(KeyAlgorithm.ED25519);
        long now = System.currentTimeMillis() / 1000;
        Map<String, String> form = Map.of(
                "grant_type", OAUTH + "grant-type:token-exchange",
                "subject_token", humanToken(now),
                "subject_token_type", OAUTH + "token-type:jwt",
                "client_assertion_type", OAUTH + "client-assertion-type:jwt-spiffe",
                "client_assertion", svid("spiffe://example.org/agent/load-" + number, now),
                "requested_token_type", OAUTH + "token-type:access_token",
                "authorization_details",
                        "[{\"type\":\"errand_start\",\"template\":\"load\",\"parameters\":{\"service\":\"payments\"}}]");
        String proof = holder.sign(
                StartedTask.proofHeader(holder),
                StartedTask.fresh(now) + ",\"htm\":\"POST\",\"htu\":\"" + issuer + "/oauth2/token\"}");
        HttpRequest request = HttpRequest.newBuilder(URI.create(address + "/oauth2/token"))
                .timeout(Duration.ofSeconds(10))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("DPoP", proof)
                .POST(BodyPublishers.ofString(form.entrySet().stream()
                        .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
                        .collect(Collectors.joining("&"))))
                .build();
        return new StartedTask(holder, token(http, request));
    }

    private String humanToken(long now) {
        return human.sign(
                human.header(Map.of("typ", new JsonString("JWT"), "kid", new JsonString(LoadConfig.IDP_KEY))),
                "{\"iss\":\"https://idp.example.org\",\"sub\":\"user:load\",\"aud\":\"errand\",\"groups\":[\"load\"],\"jti\":\""
                        + UUID.randomUUID() + "\",\"auth_time\":" + now + ",\"iat\":" + now + ",\"exp\":" + (now + 600)
                        + "}");
    }

    private String svid(String agent, long now) {
        return workloads.sign(
                workloads.header(Map.of("typ", new JsonString("JWT"), "kid", new JsonString(LoadConfig.WORKLOADS_KEY))),
                "{\"sub\":\"" + agent + "\",\"aud\":[\"" + issuer + "\"],\"iat\":" + now + ",\"exp\":" + (now + 300)
                        + "}");
    }

    private static String token(HttpClient http, HttpRequest request) {
        try {
            HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
            String token = response.statusCode() == 200
                    ? Json.parseObject(response.body().getBytes(StandardCharsets.UTF_8))
                            .string("access_token")
                    : null;
            if (token == null) {
                throw new IllegalStateException(
                        "no task was started: " + response.statusCode() + " " + response.body());
            }
            return token;
        } catch (IOException | MalformedJsonException e) {
            throw new IllegalStateException("no task was started", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
