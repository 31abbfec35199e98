package dev.errand.web.stage;

import dev.errand.log.ProvenanceRecord;
import dev.errand.log.write.ProvenanceLog;
import dev.errand.state.TaskStore;
import dev.errand.web.refusal.Refusals;
import dev.errand.web.refusal.TestAnswers;
import dev.errand.web.refusal.TestStarts;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import reactor.core.publisher.Mono;

/** Outcomes of a test's store and log. */
public final class TestOutcomes {
    private TestOutcomes() {}

    public static Outcomes of(TaskStore store, ProvenanceLog log) {
        Settlements settlements =
                new Settlements(store, log, TestAnswers.RECORDS, TestApprovals.records(log), TestStarts.metrics());
        return new Outcomes(
                settlements,
                new TestAnswers(store, log).answers,
                new ReturnedAnswers(settlements, new SimpleMeterRegistry()));
    }

    /** Outcomes whose records nobody reads. */
    public static Outcomes unread(TaskStore store) {
        return of(store, new ProvenanceLog() {
            @Override
            public Mono<Void> append(ProvenanceRecord record) {
                return Mono.empty();
            }

            @Override
            public boolean isWritable() {
                return true;
            }
        });
    }

    static AskedCalls asked(Refusals refusals) {
        return TestApprovals.asked(refusals);
    }

    static ApprovedCalls approved(TaskStore store, ProvenanceLog log, Refusals refusals) {
        return new ApprovedCalls(store, TestApprovals.records(log), refusals);
    }
}
