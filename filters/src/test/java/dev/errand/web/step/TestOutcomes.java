package dev.errand.web.step;

import dev.errand.provenance.ProvenanceLog;
import dev.errand.state.TaskStore;
import dev.errand.web.refusal.TestAnswers;

/** Outcomes of a test's store and log. */
public final class TestOutcomes {
    private TestOutcomes() {}

    public static Outcomes of(TaskStore store, ProvenanceLog log) {
        return new Outcomes(new Settlements(store, log, TestAnswers.RECORDS), new TestAnswers(store, log).answers);
    }
}
