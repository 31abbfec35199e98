package dev.errand.agent.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class LongLinesTest {
    @Test
    void lineThatHoldsItsPermitLongest_givesWay_whileAnotherWaits() throws Exception {
        LongLines lines = new LongLines(2, Duration.ofMillis(30));
        CompletableFuture<LongLines.Permit> first = new CompletableFuture<>();
        List<String> gone = new CopyOnWriteArrayList<>();
        first.complete(lines.acquire(() -> {
            gone.add("first");
            lines.release(first.join());
        }));
        lines.acquire(() -> gone.add("second"));
        lines.acquire(() -> gone.add("third"));
        assertThat(gone).containsExactly("first");
    }

    @Test
    void permitThatIsGivenBack_isTakenByTheNext_andNobodyGivesWay() throws Exception {
        LongLines lines = new LongLines(1, Duration.ofDays(1));
        for (int i = 0; i < 10; i++) {
            lines.release(lines.acquire(() -> {
                throw new AssertionError("nobody waits");
            }));
        }
    }
}
