package dev.errand.gateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.gateway.cli.agent.AgentClient;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.provenance.log.LogVerifier;
import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A gateway that dies by {@code kill -9} and starts again on the same directory: the task goes on, the log verifies. */
class KilledGatewayIT {
    private static final String READ = "/vault/v1/secret/data/docs/payments/a";

    private final TestHuman human = TestHuman.releaseManager();
    private final TestWorkloads workloads = TestWorkloads.exampleOrg();
    private final TestKey key = TestKey.ed25519("agent");

    @Test
    void gateway_killedAndStartedAgain_goesOnWithTheTaskAndKeepsTheLogWhole() throws Exception {
        int port = freePort();
        try (RecordingUpstream upstream = new RecordingUpstream()) {
            RunningGateway.Builder builder = RunningGateway.with()
                    .trusting(human, workloads)
                    .upstream(upstream)
                    .property("server.port", Integer.toString(port));
            Path directory = builder.prepare();
            URI address = URI.create("http://127.0.0.1:" + port);
            AgentClient client = new AgentClient(
                    address,
                    RunningGateway.ISSUER,
                    HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build());

            Process first = run(directory, builder.arguments(), port);
            String token = start(client);
            for (int i = 0; i < 5; i++) {
                assertThat(read(client, token).statusCode()).isEqualTo(200);
            }
            first.destroyForcibly().waitFor();

            Process second = run(directory, builder.arguments(), port);
            assertThat(read(client, token).statusCode()).isEqualTo(200);
            client.end(key.agent(), token, List.of());
            assertThat(read(client, token).statusCode()).isEqualTo(401);
            second.destroy();
            assertThat(second.waitFor(30, TimeUnit.SECONDS)).isTrue();

            Path log = directory.resolve("data/provenance");
            assertThat(upstream.seen()).hasSize(6);
            assertThat(lines(log).filter(line -> line.contains("\"outcome\":\"permit\"")))
                    .hasSize(6);
            assertThat(LogVerifier.verify(log, null, null).faults()).isEmpty();
        }
    }

    private String start(AgentClient client) {
        JsonObject answer = client.start(
                key.agent(),
                new AgentClient.Start(
                        human.token(),
                        "jwt",
                        workloads.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER),
                        Jws.object("{\"template\":\"explore\",\"parameters\":{\"project\":\"payments\"}}"),
                        null));
        return String.valueOf(answer.string("access_token"));
    }

    private HttpResponse<String> read(AgentClient client, String token) {
        return client.call(key.agent(), token, List.of(), "GET", READ, Map.of(), null);
    }

    private static Stream<String> lines(Path log) throws IOException {
        List<String> lines = new ArrayList<>();
        try (Stream<Path> files = Files.list(log)) {
            for (Path file :
                    files.filter(f -> f.toString().endsWith(".jsonl")).sorted().toList()) {
                lines.addAll(Files.readAllLines(file));
            }
        }
        return lines.stream();
    }

    /** The errand command in a process of its own, once it answers. */
    private static Process run(Path directory, List<String> properties, int port) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.errand.gateway.cli.Errand",
                "run",
                "--config",
                directory.toString()));
        command.addAll(properties);
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        Instant deadline = Instant.now().plus(Duration.ofSeconds(90));
        while (!answers(port)) {
            assertThat(process.isAlive()).as("the gateway runs").isTrue();
            assertThat(Instant.now()).as("the gateway answers in time").isBefore(deadline);
            TimeUnit.MILLISECONDS.sleep(100);
        }
        return process;
    }

    private static boolean answers(int port) {
        try (java.net.Socket socket = new java.net.Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
