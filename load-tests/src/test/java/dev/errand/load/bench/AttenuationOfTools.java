package dev.errand.load.bench;

import dev.errand.token.Attenuation;
import dev.errand.token.Capability;
import dev.errand.token.CapabilityParser;
import dev.errand.token.MalformedConstraintException;
import dev.errand.token.TestHolder;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
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

/** Whether a child of many tools grants no more than its parent ({@code subsumes} for each argument of each tool). */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"-XX:+UseParallelGC", "-Xmx512m"})
public class AttenuationOfTools {
    @Param({"20"})
    int tools;

    private Capability parent = new Capability(java.util.Map.of());
    private Capability child = parent;

    @Setup
    public void parse() throws MalformedConstraintException {
        parent = capability("secret/ci", "1000");
        child = capability("secret/ci/payments", "100");
        if (Attenuation.check(child, parent).isEmpty()) {
            throw new IllegalStateException("the child is not narrower");
        }
    }

    private Capability capability(String root, String most) throws MalformedConstraintException {
        String grants = IntStream.range(0, tools)
                .mapToObj(i -> "\"vault:op" + i
                        + "\":{\"resource\":{\"constraint_type\":\"path_containment\",\"root\":\"" + root
                        + "\"},\"version\":{\"constraint_type\":\"range\",\"min\":1,\"max\":" + most + "}}")
                .collect(Collectors.joining(",", "{", "}"));
        return CapabilityParser.parse(
                TestHolder.object("{\"type\":\"attenuating_agent_token\",\"tools\":" + grants + "}"),
                CapabilityParser.MAX_NESTING);
    }

    @Benchmark
    public Optional<Attenuation.Widening> check() {
        Optional<Attenuation.Widening> breach = Attenuation.check(parent, child);
        if (breach.isPresent()) {
            throw new IllegalStateException(breach.toString());
        }
        return breach;
    }
}
