package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.errand.FreePort;
import dev.errand.json.JsonValue.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** A SPIRE server and an agent of it, for the trust domain {@code example.org}; programs that {@code .ci/spire} built. */
final class Spire implements AutoCloseable {
    private static final String NODE = "spiffe://example.org/node";

    private final Path directory;
    private final Path programs;
    private final ServerProcess server;
    private ServerProcess agent;

    Spire(Path directory) throws Exception {
        this.directory = directory;
        String elsewhere = System.getProperty("spire.programs", "");
        this.programs = elsewhere.isEmpty()
                ? RealServer.cache().resolve("spire-" + System.getProperty("spire.version") + "/bin")
                : Path.of(elsewhere);
        assertThat(programs.resolve("spire-server")).as("built by .ci/spire").isExecutable();
        int port = FreePort.next();
        Files.writeString(directory.resolve("server.conf"), """
                server {
                  bind_address = "127.0.0.1"
                  bind_port = "%d"
                  socket_path = "%s"
                  trust_domain = "example.org"
                  data_dir = "%s"
                  log_level = "WARN"
                  ca_key_type = "ec-p256"
                  default_x509_svid_ttl = "10m"
                  default_jwt_svid_ttl = "2m"
                }
                plugins {
                  DataStore "sql" { plugin_data { database_type = "sqlite3", connection_string = "%s" } }
                  KeyManager "memory" { plugin_data {} }
                  NodeAttestor "join_token" { plugin_data {} }
                }
                """.formatted(
                        port, serverSocket(), directory, directory.resolve("server.sqlite3")));
        server = new ServerProcess(
                directory.resolve("server.out"),
                Map.of(),
                programs.resolve("spire-server").toString(),
                "run",
                "-config",
                directory.resolve("server.conf").toString());
        await().atMost(Duration.ofSeconds(120)).until(() -> {
            server.assertAlive();
            return Files.exists(serverSocket());
        });
        String token = server("token", "generate", "-spiffeID", NODE)
                .replace("Token:", "")
                .strip();
        Files.writeString(directory.resolve("bundle.pem"), server("bundle", "show"));
        Files.writeString(directory.resolve("agent.conf"), """
                agent {
                  data_dir = "%s"
                  log_level = "WARN"
                  server_address = "127.0.0.1"
                  server_port = "%d"
                  socket_path = "%s"
                  trust_bundle_path = "%s"
                  trust_domain = "example.org"
                  join_token = "%s"
                }
                plugins {
                  NodeAttestor "join_token" { plugin_data {} }
                  KeyManager "memory" { plugin_data {} }
                  WorkloadAttestor "unix" { plugin_data {} }
                }
                """.formatted(
                        Files.createDirectory(directory.resolve("agent")),
                        port,
                        directory.resolve("agent.sock"),
                        directory.resolve("bundle.pem"),
                        token));
    }

    private Path serverSocket() {
        return directory.resolve("server.sock");
    }

    /** A workload of this process's user has that ID from now on. */
    void register(String id) throws Exception {
        Object uid = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        // Of several identities without a hint the client library keeps one.
        server("entry", "create", "-parentID", NODE, "-spiffeID", id, "-selector", "unix:uid:" + uid, "-hint", id);
    }

    /** Starts the agent, which learns of what is registered by then. */
    void startAgent() throws IOException {
        agent = new ServerProcess(
                directory.resolve("agent.out"),
                Map.of(),
                programs.resolve("spire-agent").toString(),
                "run",
                "-config",
                directory.resolve("agent.conf").toString());
        await().atMost(Duration.ofSeconds(120)).until(() -> {
            agent.assertAlive();
            return Files.exists(directory.resolve("agent.sock"));
        });
    }

    /** The address of the agent's Workload API. */
    String workloadApi() {
        return "unix:" + directory.resolve("agent.sock");
    }

    /** A new signing key of JWT-SVIDs becomes active, and the old one is worth nothing any more. */
    void replaceJwtAuthority() throws Exception {
        String old = authority(server("localauthority", "jwt", "show", "-output", "json"), "active");
        String next = authority(server("localauthority", "jwt", "prepare", "-output", "json"), "prepared_authority");
        server("localauthority", "jwt", "activate", "-authorityID", next);
        server("localauthority", "jwt", "taint", "-authorityID", old);
        server("localauthority", "jwt", "revoke", "-authorityID", old);
    }

    private static String authority(String said, String which) {
        JsonObject authority = Jws.object(said).object(which);
        assertThat(authority).as(said).isNotNull();
        return String.valueOf(authority.string("authority_id"));
    }

    private String server(String... arguments) throws Exception {
        String[] command = new String[arguments.length + 3];
        command[0] = programs.resolve("spire-server").toString();
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        command[arguments.length + 1] = "-socketPath";
        command[arguments.length + 2] = serverSocket().toString();
        return ServerProcess.run(command);
    }

    @Override
    public void close() {
        if (agent != null) {
            agent.close();
        }
        server.close();
    }
}
