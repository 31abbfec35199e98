package dev.errand.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.errand.Checkout;
import dev.errand.jose.KeyAlgorithm;
import dev.errand.jose.KeyRing;
import dev.errand.jose.NewKeyFile;
import dev.errand.task.ApprovedUse;
import dev.errand.token.Human;
import dev.errand.token.KeyUse;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The verifiers that docs/verify-upstream.md shows, on requests signed here and on the one kept beside them. */
class OtherVerifiersTest {
    private static final Path DOCS = Checkout.path("verify");
    private static final Instant NOW = Instant.ofEpochSecond(1_795_512_000L);
    private static final String BODY = "{\\\"a\\\":1}";

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"python3 upstream.py", "node upstream.mjs"})
    void verify_keptRequest_isVerifiedInTimeOnly(String program) throws Exception {
        Path keys = DOCS.resolve("upstream/jwks.json");
        String request = Files.readString(DOCS.resolve("upstream/request.json"));
        String[] to = {"http://127.0.0.1:18480", "example.org", "127.0.0.1:18481"};
        assertThat(run(program, to, keys, 1_795_541_922L, request))
                .startsWith("verified: d-AaIOo2BKboE92K1z3xlSWA for ada k8s:apps/deployments.patch staging/payments");
        assertThat(run(program, to, keys, 1_795_541_982L, request)).startsWith("refused: signature not in time");
        assertThat(run(program, to, keys, 1_795_541_922L, request.replace("\"PATCH\"", "\"PUT\"")))
                .startsWith("refused: signature");
    }

    @ParameterizedTest
    @ValueSource(strings = {"python3 upstream.py", "node upstream.mjs"})
    void verify_requestWithDigest_vouchesForTheBody(String program) throws Exception {
        KeyRing ring = KeyRing.createIfAbsent(directory.resolve("keys.jwks"));
        Path keys = Files.writeString(directory.resolve("jwks"), ring.publicJwks());
        String request = signed(ring);
        String[] to = {TestCalls.ISSUER, TestCalls.TRUST_DOMAIN, "vault:8200"};
        long now = NOW.getEpochSecond();
        assertThat(run(program, to, keys, now, request)).startsWith("verified: ");
        assertThat(run(program, to, keys, now, request.replace("\\\"a\\\":1", "\\\"a\\\":2")))
                .startsWith("refused: content-digest");
        assertThat(run(program, to, keys, now, request.replace("y=1", "y=2"))).startsWith("refused: signature");
        String[] elsewhere = {TestCalls.ISSUER, "other.example", "vault:8200"};
        assertThat(run(program, elsewhere, keys, now, request)).startsWith("refused: iss or aud");
    }

    @ParameterizedTest
    @ValueSource(strings = {"python3 upstream.py", "node upstream.mjs"})
    void verify_approvedCall_saysWhoApproved(String program) throws Exception {
        KeyRing ring = KeyRing.createIfAbsent(directory.resolve("keys.jwks"));
        Path keys = Files.writeString(directory.resolve("jwks"), ring.publicJwks());
        String[] to = {TestCalls.ISSUER, TestCalls.TRUST_DOMAIN, "vault:8200"};
        long now = NOW.getEpochSecond();
        Human alice = new Human("https://idp.example.org", "alice");
        Human bob = new Human("https://idp.example.org", "bob");
        String digest = "sha-256:" + "A".repeat(43);
        String good = signed(ring, new ApprovedUse("a-1", List.of(alice, bob), digest, null));
        assertThat(run(program, to, keys, now, good))
                .startsWith("verified: ")
                .contains("alice at https://idp.example.org", "bob at https://idp.example.org");
        for (ApprovedUse wrong : List.of(
                new ApprovedUse("", List.of(alice), digest, null),
                new ApprovedUse("a-1", List.of(), digest, null),
                new ApprovedUse("a-1", List.of(alice), "md5:x", null))) {
            assertThat(run(program, to, keys, now, signed(ring, wrong)))
                    .as("%s", wrong)
                    .startsWith("refused: approval");
        }
    }

    private static String signed(KeyRing ring) {
        return signed(ring, null);
    }

    private static String signed(KeyRing ring, @Nullable ApprovedUse approval) {
        byte[] body = BODY.replace("\\", "").getBytes(StandardCharsets.UTF_8);
        String token = new TxnTokens(TestCalls.ISSUER, TestCalls.TRUST_DOMAIN, ring)
                .issue(TestCalls.approved(TestCalls.claims("POST", "vault:kv.write"), approval), NOW);
        String digest = ContentDigest.sha256(body);
        RequestSigner.Fields fields = new RequestSigner(ring)
                .sign(
                        new OutgoingRequest("POST", URI.create("http://vault:8200/v1/x?y=1"), Map.of(), body),
                        token,
                        digest,
                        NOW);
        return """
                {"method": "POST", "target": "/v1/x?y=1", "body": "%s", "headers": [["Txn-Token", "%s"],
                 ["Content-Digest", "%s"], ["Signature-Input", "%s"], ["Signature", "%s"]]}
                """.formatted(BODY, token, digest, fields.signatureInput().replace("\"", "\\\""), fields.signature());
    }

    @ParameterizedTest
    @CsvSource({
        "python3 upstream.py, ED25519",
        "node upstream.mjs, ED25519",
        "python3 upstream.py, ES256",
        "node upstream.mjs, ES256"
    })
    void verify_aKeyForEachUse_isTakenForItsOwnOnly(String program, KeyAlgorithm algorithm) throws Exception {
        Path file = directory.resolve("separate.jwks");
        NewKeyFile.of(EnumSet.allOf(KeyUse.class), algorithm).write(file);
        KeyRing ring = KeyRing.load(file);
        String request = signed(ring);
        String[] to = {TestCalls.ISSUER, TestCalls.TRUST_DOMAIN, "vault:8200"};
        assertThat(run(program, to, jwks(ring.publicJwks()), NOW.getEpochSecond(), request))
                .startsWith("verified: ");
        Path txn = jwks(ring.publicJwks().replace("[\"txn\"]", "[\"issue\",\"log\"]"));
        assertThat(run(program, to, txn, NOW.getEpochSecond(), request)).startsWith("refused: txn-token kid");
        Path message = jwks(ring.publicJwks().replace("[\"message\"]", "\"message\""));
        assertThat(run(program, to, message, NOW.getEpochSecond(), request))
                .startsWith("refused: keyid of another use");
    }

    private Path jwks(String text) throws IOException {
        return Files.writeString(directory.resolve("jwks"), text);
    }

    private String run(String program, String[] to, Path keys, long at, String request) throws Exception {
        String[] words = program.split(" ");
        Path input = Files.writeString(directory.resolve("request.json"), request);
        ProcessBuilder command = new ProcessBuilder(List.of(
                        words[0],
                        DOCS.resolve(words[1]).toString(),
                        "--issuer",
                        to[0],
                        "--trust-domain",
                        to[1],
                        "--authority",
                        to[2],
                        "--jwks",
                        keys.toString(),
                        "--at",
                        Long.toString(at)))
                .redirectErrorStream(true)
                .redirectInput(input.toFile());
        Process process;
        try {
            process = command.start();
        } catch (IOException absent) {
            assumeTrue(false, words[0] + " is not installed");
            throw absent;
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assumeTrue(!output.contains("No module named"), "the package cryptography is not installed");
        return output;
    }
}
