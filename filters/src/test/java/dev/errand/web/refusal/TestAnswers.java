package dev.errand.web.refusal;

import dev.errand.delegation.TestChains;
import dev.errand.provenance.ProvenanceLog;
import dev.errand.state.TaskStore;

/** The refusals of a test's store and log. */
public final class TestAnswers {
    private TestAnswers() {}

    public static Answers of(TaskStore store, ProvenanceLog log, Records records, CallMetrics metrics) {
        return new Answers(TestChains.ISSUER, store, log, records, new UnverifiedRefusals(log, records), metrics);
    }
}
