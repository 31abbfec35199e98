package dev.errand.web.refusal;

import dev.errand.log.write.ProvenanceLog;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

/** Records and meters of starts, for tests. */
public final class TestStarts {
    private TestStarts() {}

    public static TaskMetrics metrics() {
        return new TaskMetrics(new SimpleMeterRegistry());
    }

    /** Records what was only counted. */
    public static void flush(StartRecords starts) {
        starts.flush().block();
    }

    public static StartRecords of(ProvenanceLog log, MeterRegistry registry) {
        return new StartRecords(log, TestAnswers.RECORDS, new TaskMetrics(registry));
    }
}
