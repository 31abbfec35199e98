package dev.errand.load.bench;

import dev.errand.jose.KeyAlgorithm;
import dev.errand.jose.KeyRing;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.task.Tasks;
import dev.errand.token.Holder;
import dev.errand.token.Holders;
import dev.errand.token.Human;
import dev.errand.token.Instruction;
import dev.errand.token.KeyThumbprint;
import dev.errand.token.RootFacts;
import dev.errand.token.TestChains;
import dev.errand.upstream.OutgoingRequest;
import dev.errand.upstream.RequestSigner;
import dev.errand.upstream.TxnClaims;
import dev.errand.upstream.TxnTokens;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What is signed for the upstream on every permitted call: the transaction token and the message signature. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"-XX:+UseParallelGC", "-Xmx512m"})
public class UpstreamProof {
    @Param({"ED25519", "ES256"})
    KeyAlgorithm algorithm = KeyAlgorithm.ED25519;

    /** Tokens of the chain. */
    @Param({"1", "8"})
    int depth = 1;

    private TxnClaims claims;

    private final OutgoingRequest request = new OutgoingRequest(
            "GET", URI.create("http://127.0.0.1:8200/v1/secret/data/ci/payments/db"), Map.of(), null);
    private TxnTokens tokens;
    private RequestSigner signer;

    @Setup
    public void makeKey() throws Exception {
        // The first signs; a ring needs an Ed25519 key for checkpoints beside one of another kind.
        JsonArray jwks = new JsonArray(List.of(key(algorithm, "k1"), key(KeyAlgorithm.ED25519, "k2")));
        Path file = Files.createTempFile(
                "keys", ".jwks", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(file, Jcs.canonicalBytes(new JsonObject(Map.of("keys", jwks))));
        KeyRing keys = KeyRing.load(file);
        Files.delete(file);
        tokens = new TxnTokens(TestChains.ISSUER, "example.org", keys);
        signer = new RequestSigner(keys);
        claims = claims(depth);
    }

    private static TxnClaims claims(int depth) {
        return new TxnClaims(
                "d-0123456789abcdef",
                "t-1234567890123456789012",
                new RootFacts(
                        TestChains.ISSUER,
                        new Human("https://idp.example.org", "user:7f3c"),
                        TestChains.AGENT,
                        new RootFacts.TaskFacts("t-1234567890123456789012", "release", "sha-256:r", Map.of()),
                        null,
                        JsonObject.EMPTY,
                        null,
                        null),
                Holders.of(IntStream.range(0, depth)
                        .mapToObj(at -> new Holder(
                                new KeyThumbprint("A".repeat(43)), at == 0 ? TestChains.AGENT : null, at == 0))
                        .toList()),
                "sha-256:" + "C".repeat(43),
                List.of(Tasks.pair("vault:kv.read")),
                "sha-256:" + "D".repeat(43),
                "vault",
                "GET",
                new Instruction(
                        Instruction.Source.HUMAN, "https://tracker/REL-42", null, Instruction.Integrity.TRUSTED),
                null,
                null);
    }

    private static JsonObject key(KeyAlgorithm algorithm, String id) throws GeneralSecurityException {
        Map<String, JsonValue> jwk = new LinkedHashMap<>(algorithm.generate().members());
        jwk.put("kid", new JsonString(id));
        return new JsonObject(jwk);
    }

    @Benchmark
    public Object txnToken() {
        return tokens.issue(claims, TestChains.NOW);
    }

    @Benchmark
    public Object txnTokenAndSignature() {
        return signer.sign(request, tokens.issue(claims, TestChains.NOW), null, TestChains.NOW);
    }
}
