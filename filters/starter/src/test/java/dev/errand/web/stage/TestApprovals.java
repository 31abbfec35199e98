package dev.errand.web.stage;

import dev.errand.log.write.ProvenanceLog;
import dev.errand.state.InMemoryRequestIndex;
import dev.errand.state.InMemoryStartStore;
import dev.errand.state.redis.SecretSeal;
import dev.errand.web.BodyReader;
import dev.errand.web.PermittedCalls;
import dev.errand.web.refusal.Refusals;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;

/** Approvals of a test's log, whose requests and limits are in this process. */
public final class TestApprovals {
    private TestApprovals() {}

    public static ApprovalRecords records(ProvenanceLog log) {
        return new ApprovalRecords(
                log, new InMemoryRequestIndex(), new SimpleMeterRegistry(), PermittedCalls.settings());
    }

    public static AskedCalls asked(Refusals refusals) {
        return new AskedCalls(
                refusals,
                new BodyReader(BodyReader.Bounds.DEFAULT),
                new RequestLimits(new InMemoryStartStore()),
                new ShownBodies(new SecretSeal(List::of)));
    }
}
