package dev.errand.issuer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.issuer.StandingEnds.Page;
import dev.errand.issuer.StandingEnds.Selection;
import dev.errand.log.EndedBy;
import dev.errand.state.StandingErrand;
import dev.errand.state.StandingErrand.Allowed;
import dev.errand.state.StandingErrand.State;
import dev.errand.token.Human;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lists of many standing errands. */
class StandingEndsTest {
    private static final int MANY = 2_600;
    private static final Human ALICE = new Human("https://idp.example", "alice");
    private static final Human BOB = new Human("https://idp.example", "bob");

    @TempDir
    private Path directory;

    private IssuerServer server;

    /** Alice's errand is the first that was allowed, and all later ones are Bob's. */
    @BeforeEach
    void start() throws Exception {
        server = IssuerServer.start(directory);
        long now = System.currentTimeMillis();
        for (int i = 0; i < MANY; i++) {
            server.errands
                    .create(
                            StandingErrand.allowed(
                                    "se-%022d".formatted(i),
                                    "nightly",
                                    i == 0 ? ALICE : BOB,
                                    "spiffe://example.org/a",
                                    new Allowed(3, 10, now + 3_600_000, null, now - MANY + i)),
                            new byte[0])
                    .block();
        }
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void page_isOfAThousandErrandsThatWereRead_andSaysThatThereMayBeMore() {
        Selection subject = new Selection(null, null, null, "alice");
        Page first = server.ends.page(subject, 100, null).block();
        assertThat(first.found()).isEmpty();
        assertThat(first.below()).endsWith("." + "se-%022d".formatted(MANY - StandingEnds.MOST_READ));
        Page second = server.ends.page(subject, 100, first.below()).block();
        assertThat(second.found()).isEmpty();
        Page last = server.ends.page(subject, 100, second.below()).block();
        assertThat(last.found())
                .singleElement()
                .satisfies(found -> assertThat(found.errand().human()).isEqualTo(ALICE));
        assertThat(last.below()).isNull();

        Page whole =
                server.ends.page(new Selection(ALICE, null, null), 100, null).block();
        assertThat(whole.found()).as("with its issuer a human is found at once").hasSize(1);
        assertThat(whole.below()).isNull();

        Page all =
                server.ends.page(new Selection(null, null, null), 1_000, null).block();
        assertThat(all.found()).hasSize(1_000);
        assertThat(all.below()).isEqualTo(first.below());
    }

    @Test
    void endOfAllOfAHuman_passesTheBoundOfAPage() {
        assertThat(server.ends
                        .endAll(new Selection(null, null, null, "alice"), EndedBy.operator("a", null), "drill")
                        .block())
                .isEqualTo(1);
        assertThat(server.errands
                        .find("se-%022d".formatted(0))
                        .block()
                        .orElseThrow()
                        .errand()
                        .state(0))
                .isEqualTo(State.ENDED);
        assertThat(server.errands
                        .find("se-%022d".formatted(1))
                        .block()
                        .orElseThrow()
                        .errand()
                        .state(0))
                .isEqualTo(State.ACTIVE);
    }
}
