package dev.errand.web.refusal;

import dev.errand.fleet.TaskActivities;
import dev.errand.log.write.ProvenanceLog;
import dev.errand.state.TaskStore;
import dev.errand.token.TestChains;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

/** Answers and refusals of a test's store and log. */
public final class TestAnswers {
    public static final Records RECORDS = new Records("enforce", "r1", null);

    public final CallMetrics metrics = new CallMetrics(new SimpleMeterRegistry(), false);
    public final Answers answers = new Answers(TestChains.ISSUER, metrics);
    public final TaskMetrics tasks = TestStarts.metrics();
    public final StartRecords starts;
    public final Refusals refusals;

    public TestAnswers(TaskStore store, ProvenanceLog log) {
        this.starts = new StartRecords(log, RECORDS, tasks);
        this.refusals = new Refusals(
                store,
                log,
                RECORDS,
                new UnverifiedRefusals(log, RECORDS),
                starts,
                tasks,
                answers,
                new TaskActivities());
    }
}
