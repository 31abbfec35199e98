package dev.errand.load;

import dev.errand.jose.KeyAlgorithm;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonString;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * The gateway under load, as system properties name it, and the keys that its configuration trusts. Tasks are started by
 * the template {@code errand.load.template} (load).
 *
 * @param address where it is reached ({@code errand.load.gateway})
 * @param issuer its identifier, which proofs name ({@code errand.load.issuer})
 * @param human the identity provider's key ({@code errand.load.keys}{@code /idp.jwk})
 * @param workloads the trust domain's key ({@code errand.load.keys}{@code /workloads.jwk})
 */
record Target(String address, String issuer, Signer human, Signer workloads) {
    private static final String OAUTH = "urn:ietf:params:oauth:";
    private static final String TEMPLATE = System.getProperty("errand.load.template", "load");

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

    /** Starts that many tasks held by Ed25519 keys, each of another human's token and another agent. */
    List<StartedTask> start(int tasks) {
        return start(tasks, i -> Signer.generate(KeyAlgorithm.ED25519));
    }

    /** Starts that many tasks, each of another human's token and another agent, its root held by the key of its number. */
    List<StartedTask> start(int tasks, IntFunction<Signer> holders) {
        HttpClient http = client();
        return IntStream.range(0, tasks)
                .mapToObj(i -> start(http, i, holders.apply(i)))
                .toList();
    }

    /** A client that trusts the self-signed certificate in {@code errand.load.server-certificate}, where there is one. */
    private static HttpClient client() {
        // By HTTP/2 it would ask every call for an upgrade first, which the gateway refuses.
        HttpClient.Builder builder =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(5));
        String certificate = System.getProperty("errand.load.server-certificate");
        if (certificate == null) {
            return builder.build();
        }
        try (InputStream in = Files.newInputStream(Path.of(certificate))) {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            trusted.setCertificateEntry(
                    "server", CertificateFactory.getInstance("X.509").generateCertificate(in));
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext tls = SSLContext.getInstance("TLS");
            tls.init(null, trust.getTrustManagers(), null);
            return builder.sslContext(tls).build();
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException(certificate + ": no certificate to trust", e);
        }
    }

    /** What the token endpoint is sent to start a task. */
    record Start(Map<String, String> form, String proof) {
        /** The members of the form. */
        static final List<String> MEMBERS = List.of(
                "grant_type",
                "subject_token",
                "subject_token_type",
                "client_assertion_type",
                "client_assertion",
                "requested_token_type",
                "authorization_details");
    }

    /** A start by the agent of that number, held by that key. */
    Start start(int number, Signer holder) {
        long now = System.currentTimeMillis() / 1000;
        Map<String, String> form = Map.of(
                "grant_type", OAUTH + "grant-type:token-exchange",
                "subject_token", humanToken(now),
                "subject_token_type", OAUTH + "token-type:jwt",
                "client_assertion_type", OAUTH + "client-assertion-type:jwt-spiffe",
                "client_assertion", svid("spiffe://example.org/agent/load-" + number, now),
                "requested_token_type", OAUTH + "token-type:access_token",
                "authorization_details",
                        "[{\"type\":\"errand_start\",\"template\":\"" + TEMPLATE
                                + "\",\"parameters\":{\"service\":\"payments\"}}]");
        String proof = holder.sign(
                StartedTask.proofHeader(holder),
                StartedTask.fresh(now) + ",\"htm\":\"POST\",\"htu\":\"" + issuer + "/oauth2/token\"}");
        return new Start(form, proof);
    }

    private StartedTask start(HttpClient http, int number, Signer holder) {
        Start start = start(number, holder);
        HttpRequest request = HttpRequest.newBuilder(URI.create(address + "/oauth2/token"))
                .timeout(Duration.ofSeconds(10))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("DPoP", start.proof())
                .POST(BodyPublishers.ofString(start.form().entrySet().stream()
                        .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
                        .collect(Collectors.joining("&"))))
                .build();
        return new StartedTask(holder, token(http, request));
    }

    /** Makes one call of each task, under its whole chain, which must be permitted. */
    void call(List<StartedTask> tasks, String path) {
        HttpClient http = client();
        long now = System.currentTimeMillis() / 1000;
        for (StartedTask task : tasks) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address + path))
                    .timeout(Duration.ofSeconds(10))
                    .header("Authorization", task.authorization())
                    .header("DPoP", task.proof("GET", issuer + path, now));
            if (!task.chain().isEmpty()) {
                request.header("Delegation-Chain", task.chain());
            }
            HttpResponse<String> response = send(http, request.build());
            if (response.statusCode() != 200) {
                throw new IllegalStateException("refused: " + response.statusCode() + " " + response.body());
            }
        }
    }

    private static HttpResponse<String> send(HttpClient http, HttpRequest request) {
        try {
            return http.send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            throw new IllegalStateException("no answer from " + request.uri(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
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
            HttpResponse<String> response = send(http, request);
            for (int i = 0; i < 100 && response.statusCode() == 429; i++) {
                // The endpoint admits 100 requests a second of one client; this one was not looked at.
                Thread.sleep(100);
                response = send(http, request);
            }
            String token = response.statusCode() == 200
                    ? Json.parseObject(response.body().getBytes(StandardCharsets.UTF_8))
                            .string("access_token")
                    : null;
            if (token == null) {
                throw new IllegalStateException(
                        "no task was started: " + response.statusCode() + " " + response.body());
            }
            return token;
        } catch (MalformedJsonException e) {
            throw new IllegalStateException("no task was started", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
