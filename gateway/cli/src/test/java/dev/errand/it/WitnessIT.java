package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.errand.cli.Errand;
import dev.errand.json.Json;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.proof.Checkpoint;
import dev.errand.log.proof.CheckpointFile;
import dev.errand.log.proof.LogVerifier;
import dev.errand.log.proof.WitnessKey;
import dev.errand.log.proof.WitnessQuorum;
import dev.errand.log.read.Prover;
import dev.errand.log.write.GeneratedLog;
import dev.errand.log.write.TestLog;
import dev.errand.sink.Witnesses;
import dev.errand.sink.Witnesses.Outcome;
import dev.errand.sink.Witnesses.Witness;
import dev.errand.token.KeyUse;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log is cosigned by another implementation of a witness, which refuses a history that was rewritten. */
@Tag("litewitness")
class WitnessIT {
    private static final Instant BEGIN = Instant.parse("2026-11-01T08:00:00Z");
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration OFTEN = Duration.ofMillis(100);

    @TempDir
    private static Path directory;

    private static LiteWitness one;
    private static LiteWitness two;

    @TempDir
    Path temporary;

    @BeforeAll
    static void start() throws Exception {
        one = new LiteWitness(directory.resolve("one"), "witness.example.org/one");
        two = new LiteWitness(directory.resolve("two"), "witness.example.org/two");
    }

    @AfterAll
    static void stop() {
        one.close();
        two.close();
    }

    private static Witness witness(String name, LiteWitness real) throws Exception {
        return new Witness(name, real.uri(), WitnessKey.parse(real.vkey()));
    }

    /** A log of so many calls, with the same name and key as any other of this test. The same beginning gives the same records. */
    private Path log(String name, long seed, long... calls) throws Exception {
        Path log = temporary.resolve(name);
        try (GeneratedLog written = new GeneratedLog(log, 300_000)) {
            for (long some : calls) {
                written.calls(some, BEGIN, Duration.ofSeconds(10), seed);
            }
        }
        return log;
    }

    private static Checkpoint witnessed(Path log) throws Exception {
        return CheckpointFile.read(log.resolve(CheckpointFile.WITNESSED)).checkpoint();
    }

    private static boolean isWitnessed(Path log) {
        return Files.exists(log.resolve(CheckpointFile.WITNESSED));
    }

    private static String python(String... arguments) throws Exception {
        String script =
                RunningGateway.repository().resolve("verify/verify_log.py").toString();
        List<String> command = new ArrayList<>(List.of("python3", script));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static String errand(String... arguments) {
        StringWriter said = new StringWriter();
        Errand.commandLine()
                .setOut(new PrintWriter(said, true))
                .setErr(new PrintWriter(said, true))
                .execute(arguments);
        return said.toString();
    }

    @Test
    void aLog_isCosigned_growsAndIsCosignedAgain_andAForkIsRefused() throws Exception {
        one.know(GeneratedLog.ORIGIN, TestLog.SIGNER.publicKey());
        two.know(GeneratedLog.ORIGIN, TestLog.SIGNER.publicKey());
        List<Witness> both = List.of(witness("one", one), witness("two", two));
        WitnessQuorum all = new WitnessQuorum(both.stream().map(Witness::key).toList(), 2);
        Path small = log("small", 7, 300);
        try (Witnesses asked = Witnesses.start(small, both, 2, OFTEN, (name, outcome) -> {})) {
            await().atMost(SOON).until(() -> isWitnessed(small));
            assertThat(asked.status().faults()).isEmpty();
        }
        assertThat(LogVerifier.verify(small, null, null, all).faults()).isEmpty();
        // The same history, longer: its beginning is the small log, so the proof from there is not empty.
        Path large = log("large", 7, 300, 2_700);
        try (Witnesses asked = Witnesses.start(large, both, 2, OFTEN, (name, outcome) -> {})) {
            await().atMost(SOON).until(() -> isWitnessed(large));
            assertThat(asked.status().isLate()).isFalse();
        }
        Checkpoint head = CheckpointFile.read(large.resolve("checkpoint")).checkpoint();
        assertThat(witnessed(large)).isEqualTo(head);
        Path keys = Files.writeString(temporary.resolve("jwks"), TestLog.jwks(TestLog.SIGNER));
        LogVerifier.Report report = LogVerifier.verify(large, keys, null, all);
        assertThat(report.faults()).isEmpty();
        assertThat(report.witnessed()).isEqualTo(head.size());
        assertThat(python(large.toString(), "--witness", one.vkey(), "--witness", two.vkey()))
                .contains(": ok: ")
                .contains(", " + head.size() + " witnessed");

        assertThat(errand("verify-log", large.toString(), "--witness", one.vkey(), "--quorum", "1"))
                .contains("witnessed: " + head.size() + " records");
        assertThat(errand("verify-log", large.toString(), "--witness", "witness.example.org/one+00000000+AAAA"))
                .contains("--witness, --quorum: not a vkey");
        assertThat(errand("prove", "d-1000", "--log", large.toString())).contains("witness.example.org/two");

        Prover.Proof proof = Prover.prove(large, "d-1000", Duration.ZERO);
        assertThat(proof.isWitnessed()).isTrue();
        Path file = Files.writeString(temporary.resolve("proof.json"), proof.toText());
        assertThat(python(
                        "--proof", file.toString(), "--witness", one.vkey(), "--witness", two.vkey(), "--quorum", "2"))
                .contains(": ok: ");

        assertRefused(log("forked", 8, 300, 3_500), "422: the log does not extend what it cosigned before");
        assertRefused(log("rolled", 7, 300, 700), "the log was rolled back");
        assertThat(LogVerifier.verify(log("unseen", 7, 100), keys, null, all).faults())
                .containsExactly("checkpoint.witnessed: missing: no witness has cosigned the log");
        Path rewritten = log("rewritten", 8, 300, 3_500);
        Files.copy(large.resolve(CheckpointFile.WITNESSED), rewritten.resolve(CheckpointFile.WITNESSED));
        assertThat(LogVerifier.verify(rewritten, keys, null, all).faults())
                .anyMatch(fault -> fault.contains("the log is not the one that the witnesses saw"));
        assertThat(python(rewritten.toString(), "--witness", one.vkey())).contains("fault: checkpoint.witnessed");
    }

    private void assertRefused(Path log, String why) throws Exception {
        Queue<Outcome> outcomes = new ConcurrentLinkedQueue<>();
        List<Witness> both = List.of(witness("one", one), witness("two", two));
        try (Witnesses asked = Witnesses.start(log, both, 1, OFTEN, (name, outcome) -> outcomes.add(outcome))) {
            await().atMost(SOON).until(() -> asked.status().isLate());
            assertThat(asked.status().faults())
                    .hasSize(2)
                    .allSatisfy((name, fault) -> assertThat(fault).contains(why));
        }
        assertThat(outcomes).containsOnly(Outcome.REFUSED);
        assertThat(isWitnessed(log)).isFalse();
    }

    @Test
    void aMissedQuorum_isTold_andAnotherKeyDoesNotCount() throws Exception {
        LiteWitness third = new LiteWitness(temporary.resolve("third"), "witness.example.org/three");
        third.know(GeneratedLog.ORIGIN, TestLog.SIGNER.publicKey());
        Path log = log("log", 9, 300);
        Witness away = new Witness("away", URI.create("http://127.0.0.1:1"), WitnessKey.parse(one.vkey()));
        Witness wrong = new Witness("wrong", third.uri(), WitnessKey.parse(two.vkey()));
        Witness good = witness("good", third);
        try (third;
                Witnesses asked = Witnesses.start(log, List.of(away, wrong), 1, OFTEN, (name, outcome) -> {})) {
            await().atMost(SOON).until(() -> asked.status().isLate());
            assertThat(asked.status().faults().get("away")).startsWith("no answer");
            assertThat(asked.status().faults().get("wrong")).contains("no good signature of the key");
            assertThat(isWitnessed(log)).isFalse();
            try (Witnesses enough = Witnesses.start(log, List.of(away, good), 1, OFTEN, (name, outcome) -> {})) {
                await().atMost(SOON).until(() -> isWitnessed(log));
                assertThat(enough.status().faults()).containsOnlyKeys("away");
            }
        }
        WitnessQuorum two = new WitnessQuorum(List.of(away.key(), good.key()), 2);
        assertThat(LogVerifier.verify(log, null, null, two).faults())
                .containsExactly("checkpoint.witnessed: cosigned by 1 of the 2 named witnesses, should be by 2");
        assertThat(python(log.toString(), "--witness", one.vkey(), "--witness", third.vkey()))
                .contains("cosigned by 1 of the 2 named witnesses, should be by 2");
        assertThat(python(log.toString(), "--witness", one.vkey(), "--witness", third.vkey(), "--quorum", "1"))
                .contains(": ok: ");
    }

    @Test
    void aGateway_isCosigned_andServesWhileItsWitnessDoesNot() throws Exception {
        TestHuman human = TestHuman.releaseManager();
        TestWorkloads workloads = TestWorkloads.exampleOrg();
        try (RecordingUpstream upstream = new RecordingUpstream();
                RunningGateway gateway = RunningGateway.with()
                        .trusting(human, workloads)
                        .upstream(upstream)
                        .property("errand.provenance.witnesses.interval", "1s")
                        .property("errand.provenance.witnesses.list[0].name", "one")
                        .property(
                                "errand.provenance.witnesses.list[0].url",
                                one.uri().toString())
                        .property("errand.provenance.witnesses.list[0].key", one.vkey())
                        .start()) {
            TestAgent.explore(gateway, human, workloads);
            MeterRegistry registry = gateway.context().getBean(MeterRegistry.class);
            await().atMost(SOON).until(() -> requests(registry, "refused") > 0);
            await().atMost(SOON)
                    .until(() -> registry.get("errand.log.witnessed").gauge().value() == 0);
            assertThat(health(gateway))
                    .contains("not cosigned by enough witnesses")
                    .contains("does not know this log");
            Checkpoint head =
                    CheckpointFile.read(log(gateway).resolve("checkpoint")).checkpoint();
            one.know(head.origin(), key(gateway));
            await().atMost(SOON).until(() -> isWitnessed(log(gateway)));
            await().atMost(SOON)
                    .until(() -> registry.get("errand.log.witnessed").gauge().value() == 1);
            assertThat(requests(registry, "cosigned")).isPositive();
            assertThat(health(gateway)).contains("\"witnessed\"").doesNotContain("not cosigned");
            WitnessQuorum quorum = new WitnessQuorum(List.of(WitnessKey.parse(one.vkey())), 1);
            assertThat(LogVerifier.verify(log(gateway), null, null, quorum).faults())
                    .isEmpty();
        }
    }

    private static Path log(RunningGateway gateway) {
        return gateway.directory().resolve("data/provenance");
    }

    private static double requests(MeterRegistry registry, String outcome) {
        return registry.get("errand.witness.requests")
                .tag("witness", "one")
                .tag("outcome", outcome)
                .counter()
                .count();
    }

    private static String health(RunningGateway gateway) throws Exception {
        String token = Files.readString(gateway.directory().resolve("data/operator-token"));
        URI health = URI.create("http://127.0.0.1:" + gateway.managementPort() + "/actuator/health/provenanceLog");
        HttpRequest request = HttpRequest.newBuilder(health)
                .header("Authorization", "Bearer " + token.strip())
                .build();
        return TestAgent.HTTP.send(request, BodyHandlers.ofString()).body();
    }

    /** The raw key that signs the gateway's checkpoints. */
    private static byte[] key(RunningGateway gateway) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(gateway.address().resolve("/.well-known/jwks.json"))
                .build();
        String jwks = TestAgent.HTTP.send(request, BodyHandlers.ofString()).body();
        JsonArray keys = (JsonArray)
                Json.parseObject(jwks.getBytes(StandardCharsets.UTF_8)).get("keys");
        for (JsonValue value : keys.values()) {
            JsonObject jwk = (JsonObject) value;
            if ("Ed25519".equals(jwk.string("crv")) && KeyUse.LOG.permits(jwk)) {
                return Base64.getUrlDecoder().decode(jwk.string("x"));
            }
        }
        throw new AssertionError(jwks);
    }
}
