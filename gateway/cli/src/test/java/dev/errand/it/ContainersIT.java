package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.FreePort;
import dev.errand.cli.AgentClient;
import java.io.IOException;
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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * The images of {@code deploy/Dockerfile} and {@code deploy/Dockerfile.agent}, as they are run: as user 10001, read-only, without
 * a capability, with a {@code /tmp} where nothing is executed. Run by the Maven profile {@code deploy}, after the jars are built.
 */
@Tag("containers")
@EnabledIfSystemProperty(named = "errand.deploy", matches = "true")
class ContainersIT {
    private static final long MOST = 200_000_000;
    private static final List<String> LOCKED = List.of(
            "--network=host",
            "--read-only",
            "--read-only-tmpfs=false",
            "--cap-drop=ALL",
            "--security-opt=no-new-privileges");

    private static final long MOST_OF_AGENT = 80_000_000;

    private static Containers containers;

    @TempDir
    private Path directory;

    private final TestHuman human = TestHuman.releaseManager();
    private final TestWorkloads workloads = TestWorkloads.exampleOrg();

    @BeforeAll
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    static void build() throws Exception {
        containers = Containers.shared();
    }

    @Test
    void image_isSmall_labelled_andOfAUserWithoutRights() throws Exception {
        long[] sizes = Containers.sizes(containers.archive());
        System.out.println("image: " + sizes[0] + " bytes, compressed " + sizes[1]);
        assertThat(sizes[1]).isBetween(1L, MOST);
        assertThat(containers.inspect(Containers.IMAGE, "{{.Config.User}}")).isEqualTo("10001:10001");
        assertThat(containers.inspect(Containers.IMAGE, "{{json .Config.Labels}}"))
                .contains("\"org.opencontainers.image.version\":\"0.1.0\"", "\"org.opencontainers.image.licenses\"");
    }

    @Test
    void image_hasNoShell_noSetuid_andNothingThatTheGatewayCouldChange() throws Exception {
        List<String> files = containers.files(Containers.IMAGE, "-tvf");
        assertThat(files).anyMatch(line -> line.endsWith(" opt/errand/start.jsa"));
        assertThat(files)
                .noneMatch(line ->
                        line.matches("[-l].*/(sh|bash|dash|busybox|perl|python[0-9.]*|curl|jshell|jcmd)( -> .*)?"))
                .noneMatch(line -> line.endsWith("/errand-demo.jar"));
        assertThat(files)
                .filteredOn(line -> line.contains(" 10001/10001 "))
                .isNotEmpty()
                .allMatch(line -> line.contains(" var/lib/errand"));
        assertThat(files)
                .filteredOn(line -> line.startsWith("-"))
                .allMatch(line -> line.charAt(3) != 's'
                        && line.charAt(6) != 's'
                        && line.charAt(5) != 'w'
                        && line.charAt(8) != 'w');
    }

    /** What a build is given of a working tree that has keys, logs and builds in it. */
    @Test
    void contextOfTheBuild_hasSourcesOnly() throws Exception {
        Path repository = RunningGateway.repository();
        Path plain = Files.writeString(directory.resolve("Context"), "FROM scratch\nCOPY . /\n");
        containers.run(
                "buildah",
                "build",
                "--ignorefile",
                repository.resolve(".dockerignore").toString(),
                "-f",
                plain.toString(),
                "-t",
                "context",
                repository.toString());
        List<String> files = containers.files("context", "-tf");
        assertThat(files)
                .contains(
                        "mvnw",
                        "pom.xml",
                        "filters/token/pom.xml",
                        "gateway/cli/pom.xml",
                        "config/application.yaml",
                        "docs/problems.md")
                .noneMatch(file -> file.startsWith(".git/") || file.contains("/target/") || file.contains("/data/"))
                .noneMatch(
                        file -> file.endsWith(".jwks") && !file.equals("config/idp.jwks") && !file.contains("/src/"));
    }

    /** The options that take all rights away, with so much memory. */
    private static List<String> locked(String memory) {
        List<String> options = new ArrayList<>(LOCKED);
        options.add("--memory=" + memory);
        return options;
    }

    /** A file of a container's process below {@code /proc}. */
    private static List<String> process(String container, String file) throws Exception {
        return Files.readAllLines(Path.of("/proc", containers.inspect(container, "{{.State.Pid}}"), file));
    }

    /** A gateway of the image with that store and upstream, and more options of podman. */
    private final class Running implements AutoCloseable {
        private final int port = FreePort.next();
        private final int management = FreePort.next();
        private final List<String> options = locked("768m");
        private final List<String> properties;
        private final Path machine;
        private final String container;

        Running(SharedRedis redis, RecordingUpstream upstream, String... more) throws Exception {
            RunningGateway.Builder builder = RunningGateway.with()
                    .trusting(human, workloads)
                    .upstream(upstream)
                    .property("server.port", Integer.toString(port))
                    .property("management.server.port", Integer.toString(management))
                    .property("errand.state.redis", redis.url())
                    .property("errand.keys", "file:/keys/keys.jwks")
                    .property("errand.operator.token", "file:/keys/operator-token")
                    .property("errand.provenance.directory", "/var/lib/errand/provenance");
            properties = builder.arguments();
            machine = containers.machine(builder.prepare());
            options.addAll(List.of(more));
            options.add("-v=" + machine.resolve("etc") + ":/etc/errand:ro");
            options.add("-v=" + machine.resolve("keys") + ":/keys:ro");
            options.add("-v=" + machine.resolve("log") + ":/var/lib/errand");
            long began = System.nanoTime();
            container = podman("run", "-d", "run", "--config", "/etc/errand");
            URI ready = URI.create("http://127.0.0.1:" + management + "/actuator/health/readiness");
            while (!isReady(ready)) {
                assertThat(Duration.ofNanos(System.nanoTime() - began))
                        .as(log())
                        .isLessThan(Duration.ofSeconds(90));
                TimeUnit.MILLISECONDS.sleep(20);
            }
            System.out.println("container: ready after " + (System.nanoTime() - began) / 1_000_000 + " ms");
        }

        /** A container of the image with a command, its properties where it reads the configuration. */
        private String podman(String verb, String how, String... command) throws Exception {
            List<String> all = new ArrayList<>(List.of("podman", verb, how));
            all.addAll(options);
            all.add(Containers.IMAGE);
            all.addAll(List.of(command));
            if (List.of(command).contains("--config")) {
                all.addAll(properties);
            }
            return containers.run(all.toArray(new String[0])).strip();
        }

        private static boolean isReady(URI ready) throws InterruptedException {
            try {
                HttpRequest request = HttpRequest.newBuilder(ready).build();
                return TestAgent.HTTP
                                .send(request, HttpResponse.BodyHandlers.discarding())
                                .statusCode()
                        == 200;
            } catch (IOException notYet) {
                return false;
            }
        }

        private String log() throws Exception {
            return containers.end(Map.of(), "podman", "logs", container).text();
        }

        private List<String> process(String file) throws Exception {
            return ContainersIT.process(container, file);
        }

        /** One call of a task that it starts. */
        private HttpResponse<String> call() {
            URI address = URI.create("http://127.0.0.1:" + port);
            AgentClient client = new AgentClient(address, RunningGateway.ISSUER, TestAgent.HTTP);
            TestKey key = TestKey.ed25519("agent");
            String svid = workloads.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER);
            String token = String.valueOf(client.start(
                            key.agent(),
                            new AgentClient.Start(human.token(), "jwt", svid, Jws.object(TestAgent.EXPLORE), null))
                    .string("access_token"));
            return client.call(key.agent(), token, List.of(), "GET", TestAgent.READ, Map.of(), null);
        }

        @Override
        public void close() throws Exception {
            containers.end(Map.of(), "podman", "rm", "-f", "-t", "0", container);
        }
    }

    @Test
    void container_lockedDown_permitsACall_andEndsBySigterm() throws Exception {
        try (SharedRedis redis = new SharedRedis(directory);
                RecordingUpstream upstream = new RecordingUpstream();
                Running gateway = new Running(redis, upstream, "--tmpfs=/tmp:rw,noexec,nosuid,nodev,size=64m")) {
            HttpResponse<String> answer = gateway.call();
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(upstream.seen()).hasSize(1);

            List<String> status = gateway.process("status");
            System.out.println("container: "
                    + status.stream().filter(line -> line.startsWith("VmRSS")).toList());
            assertThat(status)
                    .anyMatch(line -> line.matches("Uid:\\s+10001\\s+10001.*"))
                    .anyMatch(line -> line.matches("CapEff:\\s+0000000000000000"))
                    .anyMatch(line -> line.matches("NoNewPrivs:\\s+1"));
            assertThat(gateway.process("maps"))
                    .anyMatch(line -> line.endsWith("/opt/errand/start.jsa"))
                    .anyMatch(line -> line.endsWith("/opt/native/libamazonCorrettoCryptoProvider.so"))
                    .noneMatch(line -> line.contains(" /tmp/"));
            assertThat(gateway.log()).contains("signatures are made and verified with AmazonCorrettoCryptoProvider");

            // What helm test runs.
            assertThat(gateway.podman("run", "--rm", "check", "--config", "/etc/errand"))
                    .contains("good: /etc/errand");
            String keys = "http://127.0.0.1:" + gateway.port + "/.well-known/jwks.json";
            assertThat(gateway.podman("run", "--rm", "ready", keys)).endsWith("ready");

            containers.run("podman", "stop", "-t", "75", gateway.container);
            // 128 and SIGTERM: it ended itself, and was not killed.
            assertThat(containers.inspect(gateway.container, "{{.State.ExitCode}}"))
                    .isEqualTo("143");
            assertThat(gateway.machine.resolve("log/provenance")).isDirectoryContaining("glob:**.jsonl");
        }
    }

    @Test
    void container_withoutAnyTmp_runs() throws Exception {
        try (SharedRedis redis = new SharedRedis(directory);
                RecordingUpstream upstream = new RecordingUpstream();
                Running gateway = new Running(redis, upstream)) {
            assertThat(gateway.call().statusCode()).isEqualTo(200);
            assertThat(gateway.log()).contains("signatures are made and verified with AmazonCorrettoCryptoProvider");
        }
    }

    /**
     * The companion's image beside a gateway and an agent, each in a container of its own: the agent has curl and Python, and
     * knows of Errand what the file says that the companion leaves for it.
     */
    @Test
    void companion_besideAnAgent_signsTheCallsOfItsTools() throws Exception {
        long[] sizes = Containers.sizes(containers.agent());
        System.out.println("companion's image: " + sizes[0] + " bytes, compressed " + sizes[1]);
        assertThat(sizes[1]).isBetween(1L, MOST_OF_AGENT);
        assertThat(containers.files(Containers.AGENT, "-tvf"))
                .noneMatch(line -> line.matches("[-l].*/(sh|bash|dash|busybox|perl|curl|jcmd)( -> .*)?"))
                .noneMatch(line -> line.startsWith("-rws") || line.contains(" 10001/10001 ") && line.startsWith("-"));
        try (SharedRedis redis = new SharedRedis(directory);
                RecordingUpstream upstream = new RecordingUpstream();
                Running gateway = new Running(redis, upstream);
                Sidecar sidecar = new Sidecar(gateway)) {
            assertThat(sidecar.process("status"))
                    .anyMatch(line -> line.matches("Uid:\\s+10001\\s+10001.*"))
                    .anyMatch(line -> line.matches("CapEff:\\s+0000000000000000"));
            assertThat(sidecar.process("maps")).anyMatch(line -> line.matches(".*/opt/errand/lib/start\\.(jsa|aot)"));
            String url = "\"$ERRAND_ROUTE_VAULT\"/v1/secret/data/docs/payments/";
            assertThat(sidecar.agent(String.join(
                            "\n",
                            ". /run/errand/environment && set -e",
                            "curl -s -w ' %{http_code}\\n' " + url + "a",
                            "python3 -c 'import os, urllib.request as r",
                            "print(r.urlopen(os.environ[\"ERRAND_ROUTE_VAULT\"] + \"/v1/secret/data/docs/payments/b\").status)'",
                            "curl -s -w ' %{http_code}\\n' \"$ERRAND_ROUTE_VAULT\"/v1/secret/data/other/a")))
                    .contains("{} 200\n200\n", "constraint-violated", "403");
            assertThat(upstream.seen()).hasSize(2);
            assertThat(sidecar.log()).contains("errand agent: task t-").doesNotContain("http://127.0.0.1");

            containers.run("podman", "stop", "-t", "20", sidecar.container);
            assertThat(containers.inspect(sidecar.container, "{{.State.ExitCode}}"))
                    .isEqualTo("0");
            assertThat(sidecar.shared).isEmptyDirectory();
            assertThat(sidecar.log()).contains("vault:kv.read: 2 permitted");
        }
    }

    /** The companion as a container, and the folder that it shares with its agent. */
    private final class Sidecar implements AutoCloseable {
        private final Path shared;
        private final String container;

        Sidecar(Running gateway) throws Exception {
            Path machine = Files.createDirectory(containers.directory().resolve("sidecar"));
            shared = Files.createDirectory(machine.resolve("run"));
            Path tokens = Files.createDirectory(machine.resolve("tokens"));
            Files.writeString(tokens.resolve("human.jwt"), human.token());
            Files.writeString(
                    tokens.resolve("agent.svid"), workloads.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER));
            containers.run("chown", "-R", "10001:10001", machine.toString());
            List<String> command = new ArrayList<>(List.of("podman", "run", "-d"));
            command.addAll(locked("160m"));
            command.addAll(List.of("-v=" + shared + ":/run/errand", "-v=" + tokens + ":/run/tokens:ro"));
            command.addAll(List.of(Containers.AGENT, "--gateway", "http://127.0.0.1:" + gateway.port));
            command.addAll(List.of("--template", "explore", "--param", "project=payments"));
            command.addAll(List.of("--subject-token", "@/run/tokens/human.jwt", "--svid", "@/run/tokens/agent.svid"));
            command.addAll(List.of("--environment", "/run/errand/environment"));
            long began = System.nanoTime();
            container = containers.run(command.toArray(new String[0])).strip();
            while (!Files.exists(shared.resolve("environment"))) {
                assertThat(Duration.ofNanos(System.nanoTime() - began))
                        .as(log())
                        .isLessThan(Duration.ofSeconds(60));
                TimeUnit.MILLISECONDS.sleep(20);
            }
            System.out.println("companion's container: serves after " + (System.nanoTime() - began) / 1_000_000
                    + " ms, " + String.join("", grep(process("status"), "VmRSS")));
        }

        private List<String> grep(List<String> lines, String word) {
            return lines.stream().filter(line -> line.startsWith(word)).toList();
        }

        /** What a script says in another container of the same user, which has the programs of this machine. */
        private String agent(String script) throws Exception {
            List<String> command = new ArrayList<>(List.of("podman", "run", "--rm", "--user=10001:10001"));
            command.addAll(locked("256m"));
            command.addAll(List.of("-v=/usr:/usr:ro", "-v=" + shared + ":/run/errand", Containers.JDK));
            command.addAll(List.of("sh", "-c", script));
            return containers.run(command.toArray(new String[0]));
        }

        private List<String> process(String file) throws Exception {
            return ContainersIT.process(container, file);
        }

        private String log() throws Exception {
            return containers.end(Map.of(), "podman", "logs", container).text();
        }

        @Override
        public void close() throws Exception {
            containers.end(Map.of(), "podman", "rm", "-f", "-t", "0", container);
        }
    }
}
