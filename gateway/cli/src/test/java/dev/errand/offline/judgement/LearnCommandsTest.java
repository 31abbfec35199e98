package dev.errand.offline.judgement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.cli.Errand;
import dev.errand.log.proof.CheckpointSigner;
import dev.errand.log.write.FileProvenanceLog;
import dev.errand.log.write.LogSettings;
import dev.errand.offline.judgement.Corpus.Call;
import dev.errand.offline.judgement.Corpus.Run;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code learn}, {@code audit scopes --proposal} and {@code replay} on the log of a hundred runs, through the command line. */
class LearnCommandsTest {
    private static final String APPLICATION = """
            spring.cloud.gateway.server.webflux:
              default-filters: [TaskIdentity, DelegationChain, TaskLimits, TaskSequence, Provenance]
              routes:
                - {id: desk, uri: "http://127.0.0.1:8200", predicates: [Path=/desk/**], filters: [StripPrefix=1, OperationMapping=desk]}
            errand:
              issuer: https://gateway.example.org
              trust:
                humans: [{issuer: "https://idp.example.org", jwks: "https://idp.example.org/jwks", audience: errand}]
                workloads: [{trust-domain: example.org, bundle: "https://spire.example.org/bundle"}]
            """;

    private static final String LOGIN = """
              approvals: {audience: "api://approvals"}
              console: {login: {issuer: "https://idp.example.org", client-id: errand-approvals, secret-file: "file:login"}}
            """;

    @TempDir
    private static Path log;

    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    /** Good runs of one task; in three of them an operation is tried that never succeeds. */
    private static List<Run> runs() {
        List<Run> runs = new ArrayList<>();
        for (Run run : new Corpus(3).good(600)) {
            if (run.task().equals("refund")) {
                List<Call> calls = new ArrayList<>(run.calls());
                if (runs.size() < 3) {
                    calls.add(new Call("desk:user.create", "users/u1", Map.of(), 403));
                }
                runs.add(new Run(run.task(), run.parameters(), run.pinned(), calls, -1));
            }
        }
        return runs;
    }

    @BeforeAll
    static void record() throws Exception {
        KeyPair keys = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        CheckpointSigner signer = CheckpointSigner.of(keys.getPublic(), text -> sign(keys, text));
        LogSettings settings = LogSettings.of(
                LogSettings.Durability.OS, "g/provenance", () -> signer, () -> List.of(signer.publicKey()));
        try (FileProvenanceLog file = FileProvenanceLog.open(log, settings)) {
            RunLog written = new RunLog(
                    Desk.template(Desk.wide("refund")).revision(),
                    record -> file.append(record).block());
            runs().forEach(written::add);
        }
    }

    private static byte[] sign(KeyPair keys, byte[] text) {
        try {
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(keys.getPrivate());
            signature.update(text);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @BeforeEach
    void configuration() throws Exception {
        write("application.yaml", APPLICATION);
        write("operations/desk.yaml", Desk.CATALOGUE);
        write("tasks/refund.yaml", Desk.wide("refund"));
    }

    private void write(String file, String text) throws Exception {
        Path path = directory.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private int errand(String... words) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of("--log", log.toString(), "--config", directory.toString(), "--template", "refund"));
        return Errand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all.toArray(String[]::new));
    }

    @Test
    void learn_drafts_whatChangesSomething_andTellsWhatItWouldHaveDisturbed() throws Exception {
        assertThat(errand("learn")).as(err.toString()).isZero();

        assertThat(out.toString())
                .containsPattern(
                        "desk:refund.pay: \\{account: \\{pinned: true}, .*resource: \\{one_of: \"\\{bookings}\"}}")
                .containsPattern("desk:booking.cancel: \\{resource: \\{one_of: \"\\{bookings}\"}}")
                .contains("desk:mail.read: {}  # as it was granted")
                .contains("# desk:user.create was called 3 times in 3 runs and only ever failed")
                .contains("# desk:claim.pay was granted and never called in a good run: it is left out")
                .contains("same: [resource]}")
                .doesNotContain("  desk:claim.pay:");
        assertThat(err.toString())
                .contains("runs ended as completed and are taken for good")
                .containsPattern("allow desk:refund.pay +0 +0.0 %")
                .containsPattern("any of them +[0-3] +")
                .contains("replayed under the draft: 0 differences among permitted calls");
        write("tasks/refund.yaml", out.toString());
        assertThat(errand("replay", "--permitted")).as("%s%s", out, err).isZero();
    }

    /** Who approves may sign in at the console: then no template names a client for it. */
    @Test
    void template_thatAsksAtTheConsole_isLearntAndAudited() throws Exception {
        write("login", "secret");
        write(
                "application.yaml",
                APPLICATION
                        .replace("  trust:", LOGIN + "  trust:")
                        .replace("audience: errand}", "audience: errand, clients: [chat]}"));
        write(
                "tasks/refund.yaml",
                Desk.wide("refund").replace("on-violation: {", "on-violation: {rule: ask, ")
                        + "ask: {by: {issuer: \"https://idp.example.org\"}}\n");
        assertThat(errand("learn")).as(err.toString()).isZero();
        assertThat(out.toString()).contains("ask:");
        assertThat(errand("audit", "scopes", "--proposal")).as(err.toString()).isZero();
        assertThat(out.toString()).contains("ask:");
    }

    @Test
    void learn_aCandidate_saysSo() {
        assertThat(errand("learn", "--candidate")).isZero();
        assertThat(out.toString().lines().filter(line -> !line.startsWith("#")).limit(2))
                .containsExactly("template: refund", "candidate: true");
    }

    @Test
    void learn_fromNamedRuns_learnsFromTheseAlone() throws Exception {
        Path named = Files.writeString(directory.resolve("runs"), "t-1\n\nt-2\nt-unknown\n");

        assertThat(errand("learn", "--runs", named.toString()))
                .as(err.toString())
                .isZero();

        assertThat(err.toString()).contains("2 of the 3 runs that are named are in the log");
        assertThat(errand("learn", "--runs", directory.resolve("none").toString()))
                .isEqualTo(2);
        assertThat(errand("learn", "--headroom", "0.5")).isEqualTo(2);
    }

    @Test
    void proposal_ofAnOpenGrant_staysOpen_andRefusesNothing() throws Exception {
        assertThat(errand("audit", "scopes", "--proposal")).as(err.toString()).isZero();

        assertThat(out.toString()).containsPattern("desk:refund.pay: \\{.*\"\\*\": \\{wildcard: true}}");
        String proposal = out.toString();
        assertThat(errand("audit", "scopes", "--proposal", "--candidate")).isZero();
        assertThat(out.toString()).contains("template: refund\ncandidate: true\n");
        write("tasks/refund.yaml", proposal);
        assertThat(errand("replay", "--permitted")).as("%s%s", out, err).isZero();
        assertThat(errand("audit", "scopes", "--candidate")).isEqualTo(2);
    }

    @Test
    void replay_tellsEachDecisionThatDiffers() throws Exception {
        write(
                "tasks/refund.yaml",
                Desk.wide("refund")
                        .replace(
                                "allow:\n",
                                "allow:\n  desk:refund.pay: {resource: {wildcard: true}, account: {exact: DE1}, amount: {wildcard: true}}\n"));

        assertThat(errand("replay", "--permitted")).isEqualTo(1);

        List<String> lines = out.toString().lines().toList();
        assertThat(lines).hasSizeGreaterThan(2);
        assertThat(lines.subList(0, lines.size() - 1))
                .allMatch(line -> line.startsWith("d-")
                        && line.endsWith("desk:refund.pay  permit -> deny constraint-violated  the template grants"
                                + " desk:refund.pay only with another value of 'account'"));
        assertThat(lines.get(lines.size() - 1)).contains(lines.size() - 1 + " differ");
    }
}
