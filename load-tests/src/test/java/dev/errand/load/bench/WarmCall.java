package dev.errand.load.bench;

import dev.errand.jose.DpopVerifier;
import dev.errand.token.ChainVerifier;
import dev.errand.token.Sha256;
import dev.errand.token.TestChains;
import dev.errand.token.TestHolder;
import dev.errand.token.VerifiedChain;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
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

/** What a caller whose chain is known costs: the chain judged anew or a sibling leaf below it, and a fresh proof. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"-XX:+UseParallelGC", "-Xmx512m"})
public class WarmCall {
    private static final int PROOFS = 256;
    private static final String URL = TestChains.ISSUER + "/vault/v1/secret/data/ci/payments/db";

    @Param({"Ed25519", "ES256"})
    String algorithm = "";

    /** Tokens above the leaf. */
    @Param({"1", "7"})
    int depth;

    private final DpopVerifier proofs = new DpopVerifier(Duration.ofSeconds(30), null);
    private final DpopVerifier.Request[] requests = new DpopVerifier.Request[PROOFS];
    private ChainVerifier verifier = TestChains.verifier();
    private VerifiedChain chain = Chains.verified(TestChains.verify(TestChains.root()));
    private VerifiedChain ancestors = chain;
    private String leaf = "";
    private int next;

    @Setup
    public void makeChainAndProofs() {
        Chains chains = new Chains(algorithm, depth + 1);
        verifier = chains.verifier();
        List<String> compact = chains.compact();
        ancestors = Chains.verified(verifier.verify(compact.subList(0, depth), TestChains.NOW));
        chain = Chains.verified(verifier.verify(compact, TestChains.NOW));
        leaf = compact.get(depth);
        TestHolder holder = chains.leafHolder();
        String hash = Sha256.base64UrlOf(leaf);
        for (int i = 0; i < PROOFS; i++) {
            String proof = holder.jws(
                    "{\"typ\":\"dpop+jwt\",\"alg\":\"" + algorithm + "\",\"jwk\":" + holder.jwk() + "}",
                    "{\"jti\":\"0123456789abcdef-" + i + "\",\"iat\":" + TestChains.NOW_SECONDS
                            + ",\"htm\":\"GET\",\"htu\":\"" + URL + "\",\"ath\":\"" + hash + "\"}");
            requests[i] = new DpopVerifier.Request(
                    proof, "GET", URL, hash, chain.leaf().holder().thumbprint());
        }
    }

    /** A leaf that was seen before: no signature but the proof's. */
    @Benchmark
    public DpopVerifier.Result knownLeaf() {
        if (!verifier.stillValid(chain, TestChains.NOW)) {
            throw new IllegalStateException("the chain is not valid");
        }
        return prove();
    }

    /** A new leaf below known ancestors: its signature and the proof's. */
    @Benchmark
    public DpopVerifier.Result newLeaf() {
        Chains.verified(verifier.extend(ancestors, leaf, TestChains.NOW));
        return prove();
    }

    private DpopVerifier.Result prove() {
        next = (next + 1) % PROOFS;
        DpopVerifier.Result result = proofs.verify(requests[next], TestChains.NOW_SECONDS * 1000);
        if (result instanceof DpopVerifier.Result.Refused rejected) {
            throw new IllegalStateException(rejected.toString());
        }
        return result;
    }
}
