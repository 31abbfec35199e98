package dev.errand.load.bench;

import dev.errand.log.ProvenanceRecord;
import dev.errand.log.RecordJson;
import dev.errand.log.Records;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A decision written as the log's line. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"-XX:+UseParallelGC", "-Xmx512m"})
public class RecordLine {
    private final ProvenanceRecord record = Records.permit("d-0123456789abcdef", "t-1234567890123456789012");

    @Benchmark
    public byte[] line() {
        return RecordJson.line(record);
    }
}
