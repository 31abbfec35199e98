package dev.errand.it;

import com.sun.net.httpserver.HttpServer;
import dev.errand.FreePort;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** MinIO with one drive, which checks signatures and posts its audit log to a listener of the test. */
final class MinioServer implements AuditedServer {
    static final String USER = "errand-gateway";
    static final String SECRET = "of-this-test-alone";

    private static final String MARK = "mark-of-this-test";
    private static final int SETTLE_MILLIS = 10_000;

    private final AtomicInteger marks = new AtomicInteger();
    private final Path directory;
    private final RealServer server;
    private final HttpServer account;
    private final List<Executed> executed = new CopyOnWriteArrayList<>();
    private final List<JsonObject> entries = new CopyOnWriteArrayList<>();

    MinioServer(Path directory) throws IOException {
        this(directory, Map.of());
    }

    /** @param more environment, such as that of an identity provider */
    MinioServer(Path directory, Map<String, String> more) throws IOException {
        this.directory = directory;
        Map<String, String> environment = new HashMap<>(more);
        account = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        account.createContext("/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            body.lines().filter(line -> line.startsWith("{")).forEach(line -> record(Jws.object(line)));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        account.start();
        int port = FreePort.next();
        environment.putAll(Map.of(
                "MINIO_ROOT_USER",
                USER,
                "MINIO_ROOT_PASSWORD",
                SECRET,
                "HOME",
                directory.toString(),
                "MINIO_BROWSER",
                "off",
                "MINIO_AUDIT_WEBHOOK_ENABLE_TEST",
                "on",
                "MINIO_AUDIT_WEBHOOK_BATCH_SIZE_TEST",
                "1",
                "MINIO_AUDIT_WEBHOOK_ENDPOINT_TEST",
                "http://127.0.0.1:" + account.getAddress().getPort() + "/"));
        server = RealServer.start(
                directory,
                "minio",
                port,
                "/minio/health/ready",
                environment,
                RealServer.program("minio", "minio/minio").toString(),
                "server",
                "--address",
                "127.0.0.1:" + port,
                directory.resolve("minio-drive").toString());
    }

    /** What it said since it started. */
    List<String> log() {
        return server.log();
    }

    /** The entries of its account as they came. */
    List<JsonObject> entries() {
        return List.copyOf(entries);
    }

    private void record(JsonObject entry) {
        entries.add(entry);
        JsonObject api = entry.object("api");
        if (api == null || api.string("name") == null) {
            return;
        }
        if (MARK.equals(entry.string("userAgent"))) {
            marks.incrementAndGet();
            return;
        }
        String who = who(entry.string("accessKey"), api);
        String verb = String.valueOf(api.string("name"));
        String bucket = api.string("bucket") == null ? "" : String.valueOf(api.string("bucket"));
        Instant time = Instant.parse(String.valueOf(entry.string("time")));
        List<String> resources = new ArrayList<>();
        if (verb.startsWith("Copy")) {
            // The entry's bucket and object are those that were authorised last: the source. The target is the path.
            executed.add(new Executed(who, "GetObject", bucket + '/' + api.string("object"), time));
            resources.add(String.valueOf(entry.string("requestPath")).substring(1));
        } else if (api.get("objects") instanceof JsonArray several) {
            several.values().forEach(one -> resources.add(bucket + '/' + ((JsonObject) one).string("objectName")));
        }
        if (resources.isEmpty()) {
            resources.add(api.string("object") == null ? bucket : bucket + '/' + api.string("object"));
        }
        resources.forEach(resource -> executed.add(new Executed(who, verb, resource, time)));
    }

    /** A malformed request may be refused before its signature is read: the entry then has no caller. */
    private static String who(@Nullable String key, JsonObject api) {
        boolean refused = api.get("statusCode") instanceof JsonNumber status && status.asDouble() >= 400;
        return key != null ? key : refused ? USER : "nobody";
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
        try {
            Path file = Files.writeString(
                    directory.resolve("minio-credentials"),
                    "[default]\naws_access_key_id = " + USER + "\naws_secret_access_key = " + SECRET + "\n");
            return Map.of(
                    "errand.upstreams.s3.sigv4.region", "us-east-1",
                    "errand.upstreams.s3.sigv4.service", "s3",
                    "errand.upstreams.s3.sigv4.credentials-file", "file:" + file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String principal() {
        return USER;
    }

    /** A copy reads its source, and an object may come with tags, an access list, and what holds it. */
    @Override
    public Set<String> parts() {
        return Set.of("GetObject", "PutObjectTagging", "PutObjectAcl", "PutObjectLegalHold", "PutObjectRetention");
    }

    /** Entries come in the order of the answers: once a call of nobody's is told, all before it were. */
    @Override
    public boolean settle() {
        int before = marks.get();
        Direct.call("GET", uri() + "/no-such-bucket?location", "", "User-Agent", MARK);
        for (int waited = 0; marks.get() == before; waited++) {
            if (waited > SETTLE_MILLIS) {
                throw new AssertionError("MinIO's audit log does not come");
            }
            pause();
        }
        return true;
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(1);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public List<Executed> executed() {
        return List.copyOf(executed);
    }

    @Override
    public void close() {
        server.close();
        account.stop(0);
    }
}
