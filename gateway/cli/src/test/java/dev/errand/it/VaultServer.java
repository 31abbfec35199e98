package dev.errand.it;

import dev.errand.FreePort;
import dev.errand.json.JsonValue.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** HashiCorp Vault in development mode, with a file audit device; it knows the gateway by a token of its own. */
final class VaultServer implements AuditedServer {
    private static final String ROOT = "root-of-this-test";

    private final Path directory;
    private final RealServer server;
    private final LogTail account;
    private final List<Executed> executed = new ArrayList<>();
    private final Path token;

    VaultServer(Path directory) throws IOException {
        this.directory = directory;
        int port = FreePort.next();
        server = RealServer.start(
                directory,
                "vault",
                port,
                "/v1/sys/health",
                Map.of("HOME", directory.toString()),
                RealServer.program("vault", "vault/vault").toString(),
                "server",
                "-dev",
                "-dev-no-store-token",
                "-dev-root-token-id=" + ROOT,
                "-dev-listen-address=127.0.0.1:" + port);
        Path file = directory.resolve("vault-audit.log");
        account = new LogTail(file);
        call(
                "PUT",
                "/v1/sys/audit/file",
                "{\"type\":\"file\",\"options\":{\"file_path\":\"" + file + "\",\"log_raw\":\"true\"}}");
        JsonObject made = Jws.object(call(
                        "POST",
                        "/v1/auth/token/create",
                        "{\"policies\":[\"root\"],\"display_name\":\"errand\",\"no_parent\":true}")
                .body());
        JsonObject auth = made.object("auth");
        token = Files.writeString(
                directory.resolve("vault-token"), String.valueOf(auth == null ? null : auth.string("client_token")));
    }

    /** A call past the gateway, by the root token. */
    java.net.http.HttpResponse<String> call(String method, String path, String body) {
        return Direct.call(method, uri() + path, body, "X-Vault-Token", ROOT);
    }

    /** The gateway's own token, which no agent may ever see. */
    String gatewaysToken() throws IOException {
        return Files.readString(token);
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
                "errand.upstreams.vault.header.name",
                "X-Vault-Token",
                "errand.upstreams.vault.header.file",
                "file:" + token);
    }

    @Override
    public String principal() {
        return "token-errand";
    }

    @Override
    public synchronized List<Executed> executed() {
        account.more().stream().map(Jws::object).forEach(this::add);
        return List.copyOf(executed);
    }

    /** Vault writes to its audit device before it answers. */
    @Override
    public boolean settle() {
        return true;
    }

    private void add(JsonObject entry) {
        JsonObject auth = entry.object("auth");
        JsonObject request = entry.object("request");
        String who = auth == null ? null : auth.string("display_name");
        // The test's own token is called "token".
        if ("request".equals(entry.string("type")) && request != null && !"token".equals(who)) {
            executed.add(new Executed(
                    who == null ? "nobody" : who,
                    verb(String.valueOf(request.string("operation"))),
                    String.valueOf(request.string("path")),
                    Instant.parse(String.valueOf(entry.string("time")))));
        }
    }

    /** What only Vault's state tells apart is one verb: whether it created, and how it changed. A HEAD is named as its GET. */
    private static String verb(String operation) {
        return switch (operation) {
            case "create", "update", "patch" -> "write";
            case "header" -> "read";
            default -> operation;
        };
    }

    @Override
    public void close() {
        server.close();
    }

    @Override
    public String toString() {
        return "Vault in " + directory;
    }
}
