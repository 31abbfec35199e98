package dev.errand.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Printable;
import dev.errand.limit.Budgets;
import dev.errand.log.EndedBy;
import dev.errand.log.ProvenanceRecord;
import dev.errand.log.StartFacts;
import dev.errand.log.proof.CheckpointSigner;
import dev.errand.log.write.FileProvenanceLog;
import dev.errand.log.write.LogSettings;
import dev.errand.token.Holder;
import dev.errand.token.Holders;
import dev.errand.token.Human;
import dev.errand.token.Instruction;
import dev.errand.token.KeyThumbprint;
import dev.errand.token.ParameterValue;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** A log of a hostile writer: each of its texts tries to forge a line. */
public final class ForgedLog {
    /** What a forged line begins with. */
    public static final String MARK = "FORGED";

    /** Ends the line in six ways, clears a terminal's line, turns the direction and writes what is not seen. */
    private static final String FORGERY =
            "\n" + MARK + " 1\r" + MARK + " 2\u0085" + MARK + " 3\u2028" + MARK + " 4\u2029" + MARK + " 5\u000b" + MARK
                    + "\u001b[2K\u202e\u2066\u200b\u00ad\udb40\udc41 (attested): 1 permitted, 0 denied";

    private ForgedLog() {}

    /** Writes a task {@code t-1} of the template {@code release} with the decisions {@code d-1} and {@code d-2}. */
    public static void write(Path directory) throws IOException, GeneralSecurityException {
        KeyPair keys = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        CheckpointSigner signer = CheckpointSigner.of(keys.getPublic(), text -> sign(keys, text));
        LogSettings settings = LogSettings.of(
                LogSettings.Durability.OS, "gateway/provenance", () -> signer, () -> List.of(signer.publicKey()));
        try (FileProvenanceLog log = FileProvenanceLog.open(directory, settings)) {
            for (ProvenanceRecord record : List.of(
                    new ProvenanceRecord.Start(
                            Instant.now(),
                            null,
                            null,
                            new StartFacts(
                                    "t-1",
                                    "release",
                                    forged("sha-256:r"),
                                    Map.of(forged("service"), ParameterValue.of(forged("payments"))),
                                    human(),
                                    forged("spiffe://example.org/a"),
                                    null,
                                    Instant.now(),
                                    null,
                                    null),
                            forged("g-1")),
                    decision("d-1", true, null),
                    new ProvenanceRecord.Outcome("d-1", Instant.now(), 200, 3, false, null, false),
                    decision("d-2", false, forged("not-granted")),
                    new ProvenanceRecord.Operator(
                            Instant.now(),
                            new EndedBy(forged("operator:a"), null),
                            forged("interrupt"),
                            "t-1",
                            forged("why")),
                    new ProvenanceRecord.Ended(
                            Instant.now(),
                            "t-1",
                            null,
                            null,
                            forged("interrupted"),
                            new EndedBy(forged("operator:x"), new Human(forged("https://x"), forged("x"))),
                            forged("d"),
                            human(),
                            forged("why")))) {
                log.append(record).block();
            }
        }
    }

    private static String forged(String text) {
        return text + FORGERY;
    }

    private static Human human() {
        return new Human(forged("https://idp.example.org"), forged("user:7f3c"));
    }

    private static ProvenanceRecord.Decision decision(String id, boolean permit, String code) {
        return new ProvenanceRecord.Decision(
                id,
                Instant.now(),
                permit,
                new ProvenanceRecord.Objection(
                        code,
                        permit ? null : forged("task:act"),
                        permit ? null : forged("told"),
                        permit ? null : forged("tasks/release.yaml:3")),
                new ProvenanceRecord.Caller(
                        "t-1",
                        "release",
                        forged("sha-256:r"),
                        human(),
                        forged("https://as.example.org"),
                        Holders.of(List.of(
                                new Holder(new KeyThumbprint("A".repeat(43)), forged("spiffe://example.org/a"), true),
                                new Holder(
                                        new KeyThumbprint("B".repeat(43)), forged("spiffe://example.org/b"), false))),
                        "B".repeat(43),
                        new Instruction(
                                Instruction.Source.DOCUMENT, forged("REL-42"), null, Instruction.Integrity.UNTRUSTED),
                        null),
                new ProvenanceRecord.Request(
                        List.of("vault:kv.read"),
                        List.of(forged("secret/ci/payments")),
                        forged("sha-256:args"),
                        null,
                        List.of(forged("x-tenant-id")),
                        forged("GET"),
                        forged("vault")),
                new ProvenanceRecord.Position(
                        new Budgets.Builder(1).add(forged("calls"), 3).build(), forged("0"), forged("1")),
                "enforce",
                forged("deny"),
                false,
                forged("g-1"),
                null,
                forged("00"),
                null,
                null,
                0);
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

    /** That a text tells of the forgeries, and that none of them begins a line or steers who reads it. */
    public static void assertEscaped(String printed) {
        assertThat(printed).contains(MARK);
        assertSafe(printed);
    }

    /** As {@link #assertEscaped}, of a text that may leave the forged values out. */
    public static void assertSafe(String printed) {
        printed.lines().forEach(line -> assertThat(line.strip()).doesNotStartWith(MARK));
        assertThat(printed.codePoints().filter(point -> point != '\n').filter(Printable::isEscaped))
                .isEmpty();
    }
}
