package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.errand.FreePort;
import dev.errand.jose.KeyRing;
import dev.errand.state.redis.RedisProcess;
import dev.errand.state.redis.TcpProxy;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The alerts of {@code deploy/observability}: their {@code for} in promtool's virtual time, and their expressions in a real
 * Prometheus, which each become true by their cause within half a minute, and by no other of the causes.
 */
@Tag("prometheus")
class AlertsIT {
    private static final Duration WITHIN = Duration.ofSeconds(30);
    private static final int CONNECTIONS = 100;
    private static final String PLANNED = Templates.bounded(
            "planned", "sequence:\n  - vault:kv.write\non-violation: {sequence: deny}\nlimits: {calls: 1000}");

    /**
     * Those whose cause is not made here: a clock that jumps, a log that is cut behind a sink, memory that is used up, an
     * upstream that returns a credential.
     */
    private static final Set<String> NOT_MADE = Set.of(
            "ErrandClockSkew",
            "ErrandSinkMissing",
            "ErrandLogNotWitnessed",
            "ErrandDirectMemoryScarce",
            "ErrandCredentialEchoed",
            "ErrandLogFilling");

    private static final String OWING = """
        template: owing
        agents: ["spiffe://example.org/agent/*"]
        humans: {claim: groups, any: [release-managers]}
        lifetime: 30m
        allow: {owed:kv.read: {resource: {path_containment: secret}}}
        limits: {calls: 1000}
        """;

    private final TestHuman human = TestHuman.releaseManager();
    private final TestWorkloads workloads = TestWorkloads.exampleOrg();
    private final Set<String> made = new TreeSet<>();

    @TempDir
    Path directory;

    private Prometheus prometheus;

    @Test
    void rules_inVirtualTime_fireAfterTheirTime() throws Exception {
        assertThat(ServerProcess.run(
                        Prometheus.program("promtool").toString(),
                        "test",
                        "rules",
                        Prometheus.rules("alerts.test.yaml").toString()))
                .contains("SUCCESS");
    }

    @FunctionalInterface
    private interface Act {
        void run() throws Exception;
    }

    /** Makes a cause until the alert is true, and nothing else becomes so; then mends it. */
    private void cause(String alert, Act act, Act mend) throws Exception {
        Set<String> before = prometheus.active();
        assertThat(before).doesNotContain(alert);
        long began = System.nanoTime();
        try {
            act.run();
            while (!prometheus.active().contains(alert)) {
                assertThat(Duration.ofNanos(System.nanoTime() - began))
                        .as(alert)
                        .isLessThan(WITHIN);
                TimeUnit.MILLISECONDS.sleep(300);
            }
            System.out.println(alert + " after " + (System.nanoTime() - began) / 1_000_000 + " ms");
            // What the same cause made true a little later would show, too.
            TimeUnit.SECONDS.sleep(3);
            Set<String> more = prometheus.active();
            more.removeAll(before);
            assertThat(more).containsExactly(alert);
        } finally {
            mend.run();
        }
        made.add(alert);
    }

    private void cause(String alert, Act act) throws Exception {
        cause(alert, act, () -> {});
    }

    /** Waits until what a cause left in the averages is gone. */
    private void until(String alert, boolean active) throws Exception {
        long began = System.nanoTime();
        while (prometheus.active().contains(alert) != active) {
            assertThat(Duration.ofNanos(System.nanoTime() - began)).as(alert).isLessThan(Duration.ofMinutes(3));
            TimeUnit.MILLISECONDS.sleep(300);
        }
    }

    @Test
    void expressions_becomeTrueByTheirCause_andByNoOther() throws Exception {
        Path disk = Files.createDirectory(directory.resolve("disk"));
        assumeTrue(mount("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk.toString()), "no right to mount");
        Path token = Files.writeString(directory.resolve("token"), "0123456789abcdef0123456789abcdef");
        Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
        // Prometheus reads its token again for each scrape.
        Path sent = Files.copy(token, directory.resolve("sent"));
        Path keys = directory.resolve("keys.jwks");
        KeyRing.createIfAbsent(keys);
        try (VaultLogins vault = new VaultLogins();
                RedisProcess redis = new RedisProcess(directory.resolve("redis"));
                RedisProcess sink = new RedisProcess(directory.resolve("sink"));
                TcpProxy network = new TcpProxy(redis.port());
                RunningGateway gateway = owing(gateway(keys, token), vault)
                        .sharing(redis.url(network.port()), keys)
                        .property(
                                "errand.provenance.directory",
                                disk.resolve("provenance").toString())
                        .property("errand.provenance.sinks[0].redis-stream.uri", sink.url())
                        .property("errand.server.connections", Integer.toString(CONNECTIONS))
                        .start()) {
            prometheus = new Prometheus(directory.resolve("prometheus"), sent);
            prometheus.targets(List.of(gateway.managementPort()));
            until("ErrandAbsent", false);
            RedisProcess.until(
                    "a scrape", () -> prometheus.isTrue("sum(errand_state_available) == 1 and sum(up) == 2"));
            assertThat(prometheus.active()).isEmpty();
            String good = Files.readString(sent);
            cause(
                    "ErrandScrapeRefused",
                    () -> Files.writeString(sent, "f".repeat(40)),
                    () -> Files.writeString(sent, good));
            until("ErrandScrapeRefused", false);
            calls(gateway, redis, network, sink, disk);
            credentials(gateway, vault);
            replicas(gateway, redis, keys, token);
        } finally {
            if (prometheus != null) {
                prometheus.close();
            }
            mount("umount", "-l", disk.toString());
        }
        Set<String> all = new TreeSet<>(made);
        all.addAll(NOT_MADE);
        assertThat(all).isEqualTo(new TreeSet<>(prometheus.alerts()));
    }

    private RunningGateway.Builder gateway(Path keys, Path token) throws Exception {
        return RunningGateway.with()
                .trusting(human, workloads)
                .file("tasks/planned.yaml", PLANNED)
                .property("vault.uri", "http://127.0.0.1:" + FreePort.next())
                .property("errand.operator.token", "file:" + token);
    }

    /** With a route to an upstream that logs each task in, and takes the login back when the task ends. */
    private RunningGateway.Builder owing(RunningGateway.Builder gateway, VaultLogins vault) {
        return gateway.route(
                        "{id: owed, uri: \"" + vault.uri() + "\", predicates: [Path=/owed/**], filters: [StripPrefix=1,"
                                + " \"OperationMapping=vault,as=owed\", UpstreamCredential=owed]}")
                .file("tasks/owing.yaml", OWING)
                .property("errand.credential-keys", "file:" + CredentialKeysFile.in(directory))
                .property("errand.upstreams.owed.vault-login.url", vault.uri())
                .property("errand.upstreams.owed.vault-login.role", "errand")
                .property("errand.upstreams.owed.vault-login.per", "task")
                .property("errand.upstreams.owed.vault-login.audience", "vault");
    }

    /** An upstream that takes no login back: the call itself and the end of the task are as ever. */
    private void credentials(RunningGateway gateway, VaultLogins vault) throws Exception {
        TestAgent agent = TestAgent.start(
                gateway,
                TestKey.ed25519("owing"),
                human.token(),
                workloads,
                "{\"template\":\"owing\",\"parameters\":{}}");
        assertThat(agent.get(gateway, "/owed/v1/secret/data/a").statusCode()).isEqualTo(200);
        cause(
                "ErrandCredentialsOwed",
                () -> {
                    vault.revocationsAnswer(503);
                    agent.end(gateway);
                },
                () -> vault.revocationsAnswer(204));
        until("ErrandCredentialsOwed", false);
        assertThat(vault.known()).isEmpty();
    }

    /** What one replica tells. Rates of refusals last for minutes, so that the order counts. */
    private void calls(RunningGateway gateway, RedisProcess redis, TcpProxy network, RedisProcess sink, Path disk)
            throws Exception {
        TestAgent agent = TestAgent.explore(gateway, human, workloads);
        // First, since on a busy machine steps become slow by themselves: from now on the alert is no news.
        cause(
                "ErrandStateSlow",
                () -> {
                    network.delay(Duration.ofMillis(40));
                    times(10, () -> agent.get(gateway, TestAgent.READ));
                },
                () -> network.delay(Duration.ZERO));
        cause(
                "ErrandCannotDecide",
                () -> {
                    redis.command("REPLICAOF", "127.0.0.1", "1");
                    known("decision-unavailable", 10, () -> agent.get(gateway, TestAgent.READ));
                },
                () -> redis.command("REPLICAOF", "NO", "ONE"));
        until("ErrandCannotDecide", false);
        Path bad = gateway.directory().resolve("tasks/bad.yaml");
        cause("ErrandConfigurationRefused", () -> Files.writeString(bad, "template: [\n"), () -> Files.delete(bad));
        cause("ErrandStateAway", redis::kill, redis::start);
        until("ErrandStateAway", false);
        TestAgent second = TestAgent.explore(gateway, human, workloads);
        String log = disk.resolve("provenance").toString();
        cause(
                "ErrandLogUnwritable",
                () -> {
                    assertThat(mount("mount", "--bind", log, log) && mount("mount", "-o", "remount,bind,ro", log))
                            .isTrue();
                    times(5, () -> second.get(gateway, TestAgent.READ));
                },
                () -> mount("umount", log));
        until("ErrandLogUnwritable", false);
        cause(
                "ErrandUpstreamUnavailable",
                () -> known("upstream-unavailable", 80, () -> second.get(gateway, TestAgent.READ)));
        cause(
                "ErrandPlansViolated",
                () -> times(
                        8,
                        () -> Templates.started(gateway, human, workloads, "planned")
                                .get(gateway, TestAgent.READ)));
        cause(
                "ErrandProofsRefused",
                () -> known(
                        "invalid-token",
                        600,
                        () -> RawHttp.send(
                                gateway.port(), "GET", TestAgent.READ, List.of("Authorization: DPoP no.to.ken"))));
        TestAgent third = TestAgent.explore(gateway, human, workloads);
        cause("ErrandStateRolledBack", () -> rollBack(gateway, redis, third));
        List<Socket> sockets = new ArrayList<>();
        cause(
                "ErrandConnectionsRefused",
                () -> {
                    for (int i = 0; i < CONNECTIONS + 20; i++) {
                        sockets.add(new Socket("127.0.0.1", gateway.port()));
                    }
                },
                () -> {
                    for (Socket socket : sockets) {
                        socket.close();
                    }
                });
        cause(
                "ErrandSinkBehind",
                () -> {
                    sink.kill();
                    times(5, () -> third.get(gateway, TestAgent.READ));
                },
                sink::start);
    }

    /** The store comes back with what the task was some calls ago. */
    private static void rollBack(RunningGateway gateway, RedisProcess redis, TestAgent agent) throws Exception {
        agent.get(gateway, TestAgent.READ);
        String each = "for _, k in ipairs(redis.call('KEYS', '*" + agent.task() + "*')) do ";
        redis.command("EVAL", each + "redis.call('COPY', k, 'kept:' .. k) end", "0");
        times(3, () -> agent.get(gateway, TestAgent.READ));
        redis.command(
                "EVAL",
                each
                        + "if string.sub(k, 1, 5) == 'kept:' then redis.call('COPY', k, string.sub(k, 6), 'REPLACE')"
                        + " end end",
                "0");
        times(2, () -> agent.get(gateway, TestAgent.READ));
    }

    /** What the fleet tells. */
    private void replicas(RunningGateway gateway, RedisProcess redis, Path keys, Path token) throws Exception {
        int management = FreePort.next();
        GatewayProcess.Launch slow = GatewayProcess.Launch.classes(
                List.of("-Xmx256m", "-Dcom.amazon.corretto.crypto.provider.useExternalLib=true"), Map.of());
        try (GatewayProcess other = new GatewayProcess(
                gateway(keys, token)
                        .sharing(redis.url(), keys)
                        .property("management.server.port", Integer.toString(management)),
                slow)) {
            cause("ErrandCryptoSlow", () -> prometheus.targets(List.of(gateway.managementPort(), management)));
            cause("ErrandReplicaDown", () -> other.process().destroyForcibly().waitFor());
        }
        prometheus.targets(List.of(gateway.managementPort()));
        until("ErrandReplicaDown", false);
        cause("ErrandAbsent", () -> prometheus.targets(List.of()));
    }

    /** A series begins with its first decision, and a rate sees only what comes after the first scrape of it. */
    private void known(String code, int count, Act act) throws Exception {
        act.run();
        RedisProcess.until("a scrape", () -> prometheus.isTrue("errand_decisions_total{code=\"" + code + "\"} > 0"));
        times(count, act);
    }

    private static void times(int count, Act act) throws Exception {
        for (int i = 0; i < count; i++) {
            act.run();
        }
    }

    private static boolean mount(String... command) throws Exception {
        return new ProcessBuilder(command).start().waitFor() == 0;
    }
}
