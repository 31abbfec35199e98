package dev.errand.it;

import dev.errand.FreePort;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A real kube-apiserver with an etcd of its own. It knows the gateway by a bearer token, and its audit log holds what others
 * than the test itself did. What a kubelet and controllers do, {@link KubernetesCluster} adds.
 */
final class KubernetesApiserver implements AuditedServer {
    private static final Duration READY = Duration.ofSeconds(90);
    private static final Duration ANSWER = Duration.ofSeconds(20);
    /** Short, since whoever holds the port instead may never answer. */
    private static final Duration LOOK = Duration.ofSeconds(3);

    /** How often it is started on another port where somebody took its own. */
    private static final int STARTS = 3;

    private static final String GATEWAY = "errand";
    private static final String TEST = "the-test";

    /** An account without any right of its own. */
    static final String IMPERSONATOR = "the-impersonator";

    private static final String CONTROLLER = "the-controller";

    private final Path directory;
    private final int port;
    private final List<String> more;
    private final TestTls tls;
    private final HttpClient http;
    private final Etcd3 store;
    private final ServerProcess server;
    private final KubernetesAudit audit;

    private KubernetesApiserver(Path directory, int port, List<String> more) throws IOException {
        this.directory = directory;
        this.more = more;
        this.port = port;
        audit = new KubernetesAudit(directory.resolve("audit.log"));
        tls = new TestTls(directory);
        http = HttpClient.newBuilder().sslContext(tls.context()).build();
        store = new Etcd3(directory);
        Path output = directory.resolve("apiserver.out");
        server = new ServerProcess(output, Map.of(), command().toArray(new String[0]));
        try {
            Startup.await("kube-apiserver", server, output, READY, this::isReady);
        } catch (AssertionError notReady) {
            close();
            throw notReady;
        }
    }

    /** Starts it on a free port. */
    static KubernetesApiserver start(Path directory) throws IOException {
        return start(directory, List.of());
    }

    /** Starts it on a free port, with more arguments. */
    static KubernetesApiserver start(Path directory, List<String> more) throws IOException {
        for (int start = 1; ; start++) {
            try {
                Path own = Files.createDirectories(directory.resolve("apiserver-" + start));
                return new KubernetesApiserver(own, FreePort.next(), more);
            } catch (AssertionError notReady) {
                if (start == STARTS || !String.valueOf(notReady.getMessage()).contains("address already in use")) {
                    throw notReady;
                }
            }
        }
    }

    /** Starts it on this port. */
    static KubernetesApiserver on(int port, Path directory) throws IOException {
        return new KubernetesApiserver(directory, port, List.of());
    }

    private List<String> command() throws IOException {
        Path certificate = tls.certificate(directory.resolve("apiserver.pem"));
        Path key = tls.key(directory.resolve("apiserver.key"));
        Path tokens = directory.resolve("tokens.csv");
        Files.writeString(tokens, token(IMPERSONATOR) + ',' + IMPERSONATOR + ',' + IMPERSONATOR + "\n");
        for (String user : List.of(GATEWAY, TEST, CONTROLLER)) {
            Files.writeString(
                    tokens, Files.readString(tokens) + token(user) + ',' + user + ',' + user + ",\"system:masters\"\n");
        }
        List<String> command = new ArrayList<>(List.of(
                RealServer.program("apiserver", "apiserver/kube-apiserver").toString(),
                "--etcd-servers=" + store.uri(),
                "--bind-address=127.0.0.1",
                "--advertise-address=127.0.0.1",
                "--secure-port=" + port,
                "--tls-cert-file=" + certificate,
                "--tls-private-key-file=" + key,
                "--cert-dir=" + directory.resolve("certs"),
                "--token-auth-file=" + tokens,
                "--authorization-mode=RBAC",
                "--service-account-issuer=https://kubernetes.default.svc",
                "--service-account-key-file=" + certificate,
                "--service-account-signing-key-file=" + key,
                "--service-cluster-ip-range=10.0.0.0/24",
                "--disable-admission-plugins=ServiceAccount",
                "--endpoint-reconciler-type=none",
                "--kubelet-client-certificate=" + certificate,
                "--kubelet-client-key=" + key,
                "--kubelet-certificate-authority=" + certificate,
                "--audit-policy-file=" + KubernetesAudit.policy(directory.resolve("audit.yaml"), TEST, CONTROLLER),
                "--audit-log-path=" + directory.resolve("audit.log")));
        command.addAll(more);
        return command;
    }

    /** The events of its audit log, as they stand there. */
    List<JsonObject> events() throws IOException {
        return Files.readAllLines(directory.resolve("audit.log")).stream()
                .filter(line -> line.endsWith("}"))
                .map(Jws::object)
                .toList();
    }

    /** The bearer token of a user. */
    static String token(String user) {
        return "token-of-" + user;
    }

    private boolean isReady() {
        try {
            return call(TEST, "GET", "/readyz", "application/json", null, LOOK).statusCode() == 200;
        } catch (UncheckedIOException notYet) {
            return false;
        }
    }

    /** A call past the gateway, as the test itself. */
    HttpResponse<String> call(String method, String path, @Nullable String body) {
        return call(TEST, method, path, "application/json", body, ANSWER);
    }

    /** A call past the gateway, as a controller. */
    HttpResponse<String> control(String method, String path, String type, @Nullable String body) {
        return call(CONTROLLER, method, path, type, body, ANSWER);
    }

    private HttpResponse<String> call(
            String user, String method, String path, String type, @Nullable String body, Duration limit) {
        HttpRequest.BodyPublisher publisher =
                body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body);
        try {
            return http.send(
                    HttpRequest.newBuilder(URI.create(uri() + path))
                            .header("Authorization", "Bearer " + token(user))
                            .header("Content-Type", type)
                            .method(method, publisher)
                            .timeout(limit)
                            .build(),
                    BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The certificate that it shows, and takes its kubelets for theirs by. */
    TestTls tls() {
        return tls;
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
            Path token = Files.writeString(directory.resolve("apiserver-token"), token(GATEWAY));
            return Map.of(
                    "errand.upstreams.k8s.bearer.file",
                    "file:" + token,
                    "spring.cloud.gateway.server.webflux.httpclient.ssl.trusted-x509-certificates[0]",
                    directory.resolve("apiserver.pem").toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String principal() {
        return GATEWAY;
    }

    @Override
    public List<Executed> executed() {
        return audit.executed();
    }

    @Override
    public void close() {
        server.close();
        store.close();
    }
}
