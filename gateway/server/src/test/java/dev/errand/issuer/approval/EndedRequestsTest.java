package dev.errand.issuer.approval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.errand.Patience;
import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.ProvenanceRecord;
import dev.errand.log.RecordJson;
import dev.errand.log.write.ProvenanceLog;
import dev.errand.policy.StoredPolicies;
import dev.errand.state.InMemoryRequestIndex;
import dev.errand.state.InMemoryStartStore;
import dev.errand.state.InMemoryTaskStore;
import dev.errand.template.TemplateParser;
import dev.errand.web.stage.TestApprovals;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Requests that ended before any replica looked at them. */
class EndedRequestsTest {
    private static final Duration EVERY = Duration.ofMillis(50);
    private static final String ID = "a-1234567890123456789012.t-1";

    private final List<ProvenanceRecord> records = new CopyOnWriteArrayList<>();
    private final ProvenanceLog log = new ProvenanceLog() {
        @Override
        public Mono<Void> append(ProvenanceRecord record) {
            return Mono.fromRunnable(() -> records.add(record));
        }

        @Override
        public boolean isWritable() {
            return true;
        }
    };
    private final InMemoryRequestIndex index = new InMemoryRequestIndex();
    private final List<EndedRequests> replicas = new ArrayList<>();

    private void replica() {
        Requests requests = new Requests(
                new InMemoryTaskStore(),
                new StoredPolicies(List::of, new InMemoryStartStore(), new TemplateParser(), false));
        replicas.add(new EndedRequests(
                index,
                requests,
                TestApprovals.records(log),
                new WaitingAgents(requests, Clock.systemUTC()),
                Clock.systemUTC(),
                EVERY));
    }

    @AfterEach
    void stop() {
        replicas.forEach(EndedRequests::close);
    }

    @Test
    void requestThatNoReplicaSaw_isRecordedOnce() throws Exception {
        index.add(ID, System.currentTimeMillis() - 1).block();
        for (int i = 0; i < 3; i++) {
            replica();
        }
        await().atMost(Patience.of(Duration.ofSeconds(5)))
                .until(() -> index.standing().block().isEmpty());
        await().atMost(Patience.of(Duration.ofSeconds(5))).until(() -> !records.isEmpty());
        Thread.sleep(5 * EVERY.toMillis());
        assertThat(records).hasSize(1);
        JsonObject record = Json.parseObject(RecordJson.line(records.get(0)));
        assertThat(record.string("kind")).isEqualTo("approval");
        assertThat(record.string("outcome")).isEqualTo("ended");
        assertThat(record.string("task")).isEqualTo("t-1");
        assertThat(record.object("approval").string("id")).isEqualTo(ID);
        for (String unknown : List.of("decision", "template", "human", "code", "expires")) {
            assertThat(record.get(unknown)).as(unknown).isEqualTo(JsonNull.NULL);
        }
        assertThat(record.object("approval").get("digest")).isEqualTo(JsonNull.NULL);
    }

    @Test
    void whatIsNoId_isTakenOut_andNotRecorded() {
        index.add("noise", System.currentTimeMillis() - 1).block();
        replica();
        await().atMost(Patience.of(Duration.ofSeconds(5)))
                .until(() -> index.standing().block().isEmpty());
        assertThat(records).isEmpty();
    }
}
