package dev.errand.gateway.it;

import dev.errand.json.JsonValue.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A real kube-apiserver with an etcd of its own, that knows the gateway by a bearer token and writes an audit log. There is
 * no kubelet and no controller.
 */
final class KubernetesApiserver implements AuditedServer {
    private static final String TOKEN = "of-this-test-alone";
    private static final Duration READY = Duration.ofSeconds(180);

    private final Path directory;
    private final int port = RealServer.freePort();
    private final RealServer store;
    private final ServerProcess server;
    private final HttpClient http;

    KubernetesApiserver(Path directory) throws Exception {
        this.directory = directory;
        store = RealServer.etcd3(directory);
        TestTls tls = new TestTls(directory);
        http = HttpClient.newBuilder().sslContext(tls.context()).build();
        Path certificate = tls.certificate(directory.resolve("apiserver.pem"));
        Path key = tls.key(directory.resolve("apiserver.key"));
        Files.writeString(directory.resolve("tokens.csv"), TOKEN + ",errand,1,system:masters\n");
        Files.writeString(directory.resolve("audit.yaml"), """
                apiVersion: audit.k8s.io/v1
                kind: Policy
                omitStages: [RequestReceived]
                rules: [{level: Metadata}]
                """);
        server = new ServerProcess(
                directory.resolve("apiserver.out"),
                Map.of(),
                RealServer.program("apiserver", "apiserver/kube-apiserver").toString(),
                "--etcd-servers=" + store.uri(),
                "--bind-address=127.0.0.1",
                "--secure-port=" + port,
                "--tls-cert-file=" + certificate,
                "--tls-private-key-file=" + key,
                "--cert-dir=" + directory.resolve("certs"),
                "--token-auth-file=" + directory.resolve("tokens.csv"),
                "--authorization-mode=RBAC",
                "--service-account-issuer=https://kubernetes.default.svc",
                "--service-account-key-file=" + key,
                "--service-account-signing-key-file=" + key,
                "--service-cluster-ip-range=10.0.0.0/24",
                "--disable-admission-plugins=ServiceAccount",
                "--endpoint-reconciler-type=none",
                "--audit-policy-file=" + directory.resolve("audit.yaml"),
                "--audit-log-path=" + directory.resolve("audit.log"));
        await();
    }

    private void await() throws InterruptedException {
        Instant deadline = Instant.now().plus(READY);
        while (true) {
            server.assertAlive();
            try {
                if (call("GET", "/readyz", null).statusCode() == 200) {
                    return;
                }
            } catch (UncheckedIOException notYet) {
                // It does not listen yet.
            }
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError("kube-apiserver is not ready: " + directory.resolve("apiserver.out"));
            }
            TimeUnit.MILLISECONDS.sleep(300);
        }
    }

    /** A call past the gateway, as the gateway's own user. */
    HttpResponse<String> call(String method, String path, @Nullable String body) {
        HttpRequest.BodyPublisher publisher =
                body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body);
        try {
            return http.send(
                    HttpRequest.newBuilder(URI.create(uri() + path))
                            .header("Authorization", "Bearer " + TOKEN)
                            .header("Content-Type", "application/json")
                            .method(method, publisher)
                            .timeout(Duration.ofSeconds(20))
                            .build(),
                    BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The PEM of the authority of its certificate. */
    Path authority() {
        return directory.resolve("apiserver.pem");
    }

    @Override
    public String uri() {
        return "https://127.0.0.1:" + port;
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public Map<String, String> credential() {
        try {
            Path token = Files.writeString(directory.resolve("apiserver-token"), TOKEN);
            return Map.of(
                    "errand.upstreams.k8s.bearer.file",
                    "file:" + token,
                    "spring.cloud.gateway.server.webflux.httpclient.ssl.trusted-x509-certificates[0]",
                    authority().toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String principal() {
        return "errand";
    }

    @Override
    public List<Executed> executed() {
        try {
            List<Executed> executed = new ArrayList<>();
            for (String line : Files.readAllLines(directory.resolve("audit.log"))) {
                if (line.endsWith("}")) {
                    JsonObject event = Jws.object(line);
                    JsonObject user = event.object("user");
                    String who = user == null ? "" : String.valueOf(user.string("username"));
                    // A watch is told when it begins and when it ends.
                    if (!who.startsWith("system:") && !"ResponseStarted".equals(event.string("stage"))) {
                        executed.add(executed(who, event));
                    }
                }
            }
            return executed;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Executed executed(String who, JsonObject event) {
        JsonObject on = event.object("objectRef");
        String verb = String.valueOf(event.string("verb"));
        Instant time = Instant.parse(String.valueOf(event.string("stageTimestamp")));
        if (on == null || on.string("resource") == null) {
            String uri = String.valueOf(event.string("requestURI"));
            int query = uri.indexOf('?');
            return new Executed(who, verb, "nonresource " + (query < 0 ? uri : uri.substring(0, query)), time);
        }
        String group = on.string("apiGroup");
        String subresource = on.string("subresource");
        String resource = (group == null ? "" : group + "/")
                + on.string("resource")
                + (subresource == null ? "" : "/" + subresource);
        String namespace = on.string("namespace");
        String name = on.string("name");
        return new Executed(
                who,
                verb,
                resource + ' ' + (namespace == null ? "_cluster" : namespace) + '/' + (name == null ? "_none" : name),
                time);
    }

    @Override
    public void close() {
        server.close();
        store.close();
    }
}
