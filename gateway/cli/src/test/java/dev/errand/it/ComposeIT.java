package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.errand.FreePort;
import dev.errand.cli.AgentClient;
import dev.errand.holder.AgentException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** {@code deploy/compose.yaml} as podman-compose runs it: a call, what its containers may use, and who reaches port 9090. */
@Tag("containers")
@EnabledIfSystemProperty(named = "errand.deploy", matches = "true")
class ComposeIT {
    private static final String PROJECT = "errandcompose";

    private final TestHuman human = TestHuman.releaseManager();
    private final TestWorkloads workloads = TestWorkloads.exampleOrg();
    private final int port = FreePort.next();

    private Containers containers;
    private HttpServer upstream;
    private Path file;
    private Map<String, String> environment;

    @BeforeEach
    void arrange() throws Exception {
        containers = Containers.shared();
        containers.imported("redis", "docker.io/library/redis:7");
        // Where the containers reach it: not on loopback.
        upstream = HttpServer.create(new InetSocketAddress(0), 0);
        upstream.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 2);
            exchange.getResponseBody().write("{}".getBytes());
            exchange.close();
        });
        upstream.start();
        RunningGateway.Builder builder = RunningGateway.with().trusting(human, workloads);
        Path machine = containers.machine(builder.prepare());
        Path application = machine.resolve("etc/application.yaml");
        Files.writeString(
                application,
                Files.readString(application)
                        .replace("issuer: http://127.0.0.1:8080", "issuer: " + RunningGateway.ISSUER)
                        // A busy machine must not look like an unreachable store.
                        .replace("timeout: 50ms", "timeout: 2s"));
        Files.move(machine.resolve("etc"), machine.resolve("config"));
        Path deploy = Files.createDirectory(machine.resolve("deploy"));
        Files.writeString(machine.resolve("keys/prometheus-token"), "fedcba9876543210fedcba9876543210");
        Files.move(machine.resolve("keys"), deploy.resolve("secrets"));
        file = Files.copy(RunningGateway.repository().resolve("deploy/compose.yaml"), deploy.resolve("compose.yaml"));
        environment = Map.of(
                "ERRAND_IMAGE",
                Containers.IMAGE,
                "ERRAND_PORT",
                Integer.toString(port),
                "HOST_GATEWAY",
                address(),
                "VAULT_URI",
                "http://host.docker.internal:" + upstream.getAddress().getPort());
    }

    @AfterEach
    void end() throws Exception {
        if (file != null) {
            containers.end(environment, compose("down", "-t", "0"));
        }
        upstream.stop(0);
    }

    /** An address of this machine that is not loopback. */
    private static String address() throws Exception {
        for (NetworkInterface one : NetworkInterface.networkInterfaces().toList()) {
            if (one.isUp() && !one.isLoopback() && !one.getName().startsWith("podman")) {
                for (var address : one.inetAddresses().toList()) {
                    if (address instanceof Inet4Address) {
                        return address.getHostAddress();
                    }
                }
            }
        }
        throw new AssertionError("this machine has no network");
    }

    private String[] compose(String... arguments) {
        List<String> command = new ArrayList<>(List.of("podman-compose", "-p", PROJECT, "-f", file.toString()));
        command.addAll(List.of(arguments));
        return command.toArray(new String[0]);
    }

    private String gateway() throws Exception {
        return containers
                .run("podman", "ps", "-a", "-q", "--filter", "name=gateway")
                .strip();
    }

    private void awaitReady() throws Exception {
        HttpRequest keys = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/.well-known/jwks.json"))
                .timeout(Duration.ofSeconds(5))
                .build();
        long began = System.nanoTime();
        while (true) {
            try {
                TestAgent.HTTP.send(keys, HttpResponse.BodyHandlers.discarding());
                return;
            } catch (java.io.IOException notYet) {
                assertThat(Duration.ofNanos(System.nanoTime() - began))
                        .as(containers
                                .end(Map.of(), "podman", "logs", gateway())
                                .text())
                        .isLessThan(Duration.ofSeconds(90));
                TimeUnit.MILLISECONDS.sleep(200);
            }
        }
    }

    /** A task's token. Redis may be waited for, and every start is refused meanwhile. */
    private String started(AgentClient client, TestKey key) throws Exception {
        long began = System.nanoTime();
        while (true) {
            try {
                String svid = workloads.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER);
                return String.valueOf(client.start(
                                key.agent(),
                                new AgentClient.Start(human.token(), "jwt", svid, Jws.object(TestAgent.EXPLORE), null))
                        .string("access_token"));
            } catch (AgentException refused) {
                if (Duration.ofNanos(System.nanoTime() - began).compareTo(Duration.ofSeconds(90)) > 0) {
                    throw refused;
                }
                TimeUnit.MILLISECONDS.sleep(500);
            }
        }
    }

    private int call(AgentClient client, TestKey key, String token) {
        return client.call(key.agent(), token, List.of(), "GET", TestAgent.READ, Map.of(), null)
                .statusCode();
    }

    @Test
    void composed_permitsACall_andIsBounded() throws Exception {
        containers.run(environment, compose("up", "-d", "redis", "gateway"));
        awaitReady();
        AgentClient client =
                new AgentClient(URI.create("http://127.0.0.1:" + port), RunningGateway.ISSUER, TestAgent.HTTP);
        TestKey key = TestKey.ed25519("agent");
        String token = started(client, key);
        assertThat(call(client, key, token)).isEqualTo(200);

        String gateway = gateway();
        assertThat(containers.inspect(gateway, "{{.HostConfig.Memory}}")).isEqualTo(String.valueOf(768L << 20));
        assertThat(containers.inspect(gateway, "{{.HostConfig.ReadonlyRootfs}}"))
                .isEqualTo("true");
        assertThat(containers.inspect(gateway, "{{.HostConfig.RestartPolicy.Name}}"))
                .isEqualTo("unless-stopped");
        // From another container of the same network, as Prometheus is one.
        String network =
                containers.inspect(gateway, "{{range $name, $one := .NetworkSettings.Networks}}{{$name}}{{end}}");
        assertThat(containers.run(
                        "podman",
                        "run",
                        "--rm",
                        "--network=" + network,
                        Containers.IMAGE,
                        "ready",
                        "http://gateway:9090/actuator/health/readiness"))
                .contains("ready");
    }
}
