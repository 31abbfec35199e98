package dev.errand.issuer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.state.InMemoryStandingErrands;
import dev.errand.state.KeptAnswer;
import dev.errand.state.StandingErrand;
import dev.errand.state.StandingErrand.Allowed;
import dev.errand.state.StandingErrand.Begin;
import dev.errand.state.StandingErrand.Run;
import dev.errand.token.Human;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

class StandingSettlingTest {
    private static final String ID = "se-AAAAAAAAAAAAAAAAAAAAAA";

    private final InMemoryStandingErrands errands = new InMemoryStandingErrands(() -> 1_000);

    private void begin(String task) {
        Run run = Run.wanted(1, "request of " + task, task, 60_000, 5, new KeptAnswer(new byte[0]));
        errands.change(ID, (now, millis) -> ((Begin.Counted) now.begin(run, 1, millis)).next())
                .block();
    }

    /** A replica looks at a run, another takes that run back, and a third begins one with the same number. */
    @Test
    void runTakenBackMeanwhile_leavesTheNextRunOfItsNumberAlive() {
        Human human = new Human("https://idp", "alice");
        Allowed allowed = new Allowed(3, 10, 90_000, null, 0);
        errands.create(StandingErrand.allowed(ID, "nightly", human, "spiffe://a.example/b", allowed), new byte[0])
                .block();
        begin("t-1");
        StandingSettling settling = new StandingSettling(
                errands,
                task -> Mono.fromSupplier(() -> {
                    errands.change(ID, (now, millis) -> now.without(1)).block();
                    begin("t-2");
                    return Optional.empty();
                }));
        StandingErrand settled = settling.settled(ID).block().orElseThrow().errand();
        assertThat(settled.live()).extracting(Run::task).containsExactly("t-2");
        assertThat(settled.past()).isEmpty();
        assertThat(settled.callsLeft()).isEqualTo(5);
    }
}
