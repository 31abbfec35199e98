package dev.errand.load.bench;

import dev.errand.token.ChainVerifier;
import dev.errand.token.TestChains;
import dev.errand.token.VerifiedChain;
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

/** Verification of a chain that was never seen: every token parsed, checked and its signature verified. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"-XX:+UseParallelGC", "-Xmx512m"})
public class ColdChain {
    @Param({"Ed25519", "ES256"})
    String algorithm = "";

    /** Tokens, the root among them. */
    @Param({"1", "2", "4", "8"})
    int depth;

    private ChainVerifier verifier = TestChains.verifier();
    private List<String> chain = List.of();

    @Setup
    public void makeChain() {
        Chains chains = new Chains(algorithm, depth);
        verifier = chains.verifier();
        chain = chains.compact();
    }

    @Benchmark
    public VerifiedChain verify() {
        return Chains.verified(verifier.verify(chain, TestChains.NOW));
    }
}
