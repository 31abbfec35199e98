package dev.errand.issuer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.fleet.StartedTasks;
import dev.errand.issuer.StartRequests.Reply;
import dev.errand.log.ProvenanceRecord.Standing;
import dev.errand.state.InMemoryStartStore;
import dev.errand.state.InMemoryTaskStore;
import dev.errand.state.StandingErrand;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is recorded and kept of the runs of standing errands, and what a run that asks for a plan costs. */
class StandingRecordsTest extends StandingAsks {
    @Test
    void refusalByALock_isRecordedWithItsReason_andLeavesNoRun() {
        Reply got = allowed(RUNS);
        end(got, 0);
        server.entry = StartedTasks.Entry.LOCKED;
        Reply locked = sent(token(got));
        assertThat(locked.error()).isEqualTo("access_denied");
        server.entry = StartedTasks.Entry.ENTERED;
        assertThat(run(token(got))
                        .details("[{\"type\":\"errand_start\",\"template\":\"nightly\",\"purpose\":\"x\"}]")
                        .send(server)
                        .error())
                .isEqualTo("invalid_authorization_details");
        assertThat(records())
                .filteredOn(record -> record.what().equals("refused"))
                .extracting(Standing::reason)
                .containsExactly("lock", "details");
        assertThat(server.meters
                        .get("errand.standing.runs")
                        .tags("outcome", "refused", "reason", "lock")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(errand(got).used()).isEqualTo(1);
        assertThat(errand(got).callsLeft()).isEqualTo(250);
    }

    @Test
    void runThatAsksForAPlan_costsAsMuchAsSeveralRequests() throws Exception {
        server.close();
        server = new IssuerServer(directory, false, 10, new InMemoryTaskStore(), new InMemoryStartStore());
        Reply got = allowed(RUNS);
        String plan =
                "[{\"type\":\"errand_start\",\"template\":\"nightly\",\"sequence\":[{\"vault:kv.read\":\"1..N\"}]}]";
        // Five requests are within the rate, five plans are not.
        List<Integer> statuses = new ArrayList<>();
        for (int i = 1; i <= 5; i++) {
            statuses.add(run(token(got))
                    .details(plan.replace("N", "" + i))
                    .send(server)
                    .status());
        }
        assertThat(statuses).contains(429);
    }

    @Test
    void lastRuns_areKept_theNewestLast() {
        Reply got = allowed("{\"runs\":30,\"until\":\"" + UNTIL + "\",\"calls\":2500}");
        List<String> tasks = new ArrayList<>();
        Reply last = got;
        for (int i = 0; i < 24; i++) {
            tasks.add(last.body().string("task_id"));
            end(last, i);
            last = sent(token(got));
            assertThat(last.status()).as(last.raw().body()).isEqualTo(200);
        }
        StandingErrand errand = errand(got);
        assertThat(errand.past()).extracting(StandingErrand.Past::task).containsExactlyElementsOf(tasks.subList(4, 24));
        assertThat(errand.past().get(19).calls()).isEqualTo(23);
        assertThat(errand.past().get(19).number()).isEqualTo(24);
        assertThat(errand.live()).extracting(StandingErrand.Run::number).containsExactly(25);
        assertThat(errand.live().get(0).beganMillis())
                .isGreaterThanOrEqualTo(errand.past().get(19).beganMillis());
    }
}
