package dev.errand.web.refusal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.log.ProvenanceRecord;
import dev.errand.log.write.ProvenanceLog;
import dev.errand.web.Call;
import dev.errand.web.Revisions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

class UnverifiedRefusalsTest {
    @Test
    void flood_isCountedAndMarkedSo_thatNoLineIsLoggedForEach() {
        List<ProvenanceRecord> appended = new ArrayList<>();
        ProvenanceLog log = new ProvenanceLog() {
            @Override
            public Mono<Void> append(ProvenanceRecord record) {
                return Mono.fromRunnable(() -> appended.add(record));
            }

            @Override
            public boolean isWritable() {
                return true;
            }
        };
        UnverifiedRefusals refusals = new UnverifiedRefusals(log, new Records("enforce", "r1", null));
        Denial denial = new Denial(DenyReason.INVALID_TOKEN, "1", "no");
        int countedOnly = 0;
        for (int i = 0; i < 10_000; i++) {
            Call call = Call.Arrived.now("vault", "GET", "/x", "00", Revisions.EMPTY, Schedulers.immediate());
            UnverifiedRefusals.Taken taken = refusals.take(call, denial, null);
            taken.recorded().block();
            countedOnly += taken.line() == Reply.Line.COUNTED ? 1 : 0;
        }
        assertThat(countedOnly).isPositive().isEqualTo(10_000 - appended.size());
    }
}
