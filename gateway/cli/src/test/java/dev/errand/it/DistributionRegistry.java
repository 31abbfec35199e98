package dev.errand.it;

import dev.errand.FreePort;
import dev.errand.json.JsonValue.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;

/** The OCI registry of the distribution project, which knows the gateway by a password and logs what it answered. */
final class DistributionRegistry implements AuditedServer {
    private static final String USER = "errand";
    private static final String PASSWORD = "of-this-test-alone";
    private static final String BASIC =
            "Basic " + Base64.getEncoder().encodeToString((USER + ':' + PASSWORD).getBytes(StandardCharsets.UTF_8));

    private static final int SETTLE_LOOKS = 2_000;

    private final List<Executed> executed = new ArrayList<>();
    private final RealServer server;
    private final LogTail log;
    private int marks;
    private String settled = "";
    private final Path basic;

    DistributionRegistry(Path directory) throws IOException {
        int port = FreePort.next();
        String hash = OpenBSDBCrypt.generate(
                "2y", PASSWORD.toCharArray(), "of-this-test-alo".getBytes(StandardCharsets.US_ASCII), 4);
        Path passwords = Files.writeString(directory.resolve("registry-passwords"), USER + ':' + hash + '\n');
        Path config = Files.writeString(directory.resolve("distribution.yml"), """
                version: 0.1
                log: {level: info, formatter: json, accesslog: {disabled: true}}
                storage: {filesystem: {rootdirectory: %s}, delete: {enabled: true}}
                auth: {htpasswd: {realm: test, path: %s}}
                http: {addr: "127.0.0.1:%d", secret: of-this-test}
                """.formatted(
                        directory.resolve("distribution"), passwords, port));
        basic = Files.writeString(directory.resolve("registry-basic"), BASIC);
        server = RealServer.start(
                directory,
                "distribution",
                port,
                "/v2/",
                Map.of(),
                RealServer.program("distribution", "distribution/registry").toString(),
                "serve",
                config.toString());
        log = new LogTail(server.output());
    }

    /** A call past the gateway, as the gateway's own user. */
    java.net.http.HttpResponse<String> call(String method, String target, String body, String... headers) {
        List<String> all = new ArrayList<>(List.of(headers));
        all.addAll(List.of("Authorization", BASIC));
        String url = target.startsWith("http") ? target : uri() + target;
        return Direct.call(method, url, body, all.toArray(String[]::new));
    }

    @Override
    public String uri() {
        return server.uri();
    }

    @Override
    public int port() {
        return server.port();
    }

    @Override
    public Map<String, String> credential() {
        return Map.of(
                "errand.upstreams.registry.header.name",
                "Authorization",
                "errand.upstreams.registry.header.file",
                "file:" + basic);
    }

    @Override
    public String principal() {
        return USER;
    }

    /** An upload that mounts a blob reads it in the other repository. */
    @Override
    public Set<String> parts() {
        return Set.of("blob.get");
    }

    /** Its log comes in the order of the answers: once a call of the test's own stands there, all before it do. */
    @Override
    public boolean settle() {
        String mark = "/v2/?settled=" + ++marks;
        call("GET", mark, "");
        for (int looks = 0; !mark.equals(settled); looks++) {
            if (looks > SETTLE_LOOKS) {
                throw new AssertionError("the registry's log does not come: " + server.output());
            }
            try {
                TimeUnit.MILLISECONDS.sleep(2);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            log.more().forEach(this::read);
        }
        return true;
    }

    @Override
    public List<Executed> executed() {
        log.more().forEach(this::read);
        return List.copyOf(executed);
    }

    /** A call of the test's own is none of the account: it has no user agent of the gateway's. */
    private void read(String line) {
        if (!line.startsWith("{") || !line.contains("\"msg\":\"response completed")) {
            return;
        }
        JsonObject entry = Jws.object(line);
        String agent = entry.string("http.request.useragent");
        if (agent != null && agent.startsWith("Java-http-client")) {
            settled = String.valueOf(entry.string("http.request.uri"));
            return;
        }
        String who = entry.string("auth.user.name");
        executed.add(new Executed(
                who == null ? "nobody" : who,
                String.valueOf(entry.string("http.request.method")),
                resource(entry),
                Instant.parse(String.valueOf(entry.string("time")))));
    }

    private static String resource(JsonObject entry) {
        String name = entry.string("vars.name");
        String uri = String.valueOf(entry.string("http.request.uri"));
        if (name == null) {
            return uri.contains("_catalog") ? "catalog" : "ping";
        }
        String reference = entry.string("vars.reference");
        String digest = entry.string("vars.digest");
        if (reference != null) {
            return name + " manifest " + reference;
        }
        return name + (digest != null ? " blob " + digest : uri.contains("/blobs/uploads/") ? " upload" : " tags");
    }

    @Override
    public void close() {
        server.close();
    }
}
