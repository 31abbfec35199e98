package dev.errand.load;

import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.scenario;

import io.gatling.javaapi.core.Simulation;
import java.time.Duration;

/** Calls that arrive whether or not earlier ones were answered: a third of the time calm, a third at five times the rate, calm again. */
public final class Spike extends Simulation {
    public Spike() {
        Call call = new Call(Call.users());
        double calm = Integer.getInteger("errand.load.rate", 200);
        Duration third = Duration.ofMillis(Call.seconds() * 1000L / 3);
        setUp(scenario("spike")
                        .exec(call.permitted())
                        .injectOpen(
                                constantUsersPerSec(calm).during(third),
                                constantUsersPerSec(5 * calm).during(third),
                                constantUsersPerSec(calm).during(third)))
                .protocols(call.protocol())
                .maxDuration(Call.longest());
    }
}
