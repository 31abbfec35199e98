package dev.errand.load;

import static io.gatling.javaapi.core.CoreDsl.atOnceUsers;
import static io.gatling.javaapi.core.CoreDsl.scenario;

import io.gatling.javaapi.core.Simulation;
import java.time.Duration;

/** Agents that each call as fast as they are answered, every one in a task of its own. */
public final class Steady extends Simulation {
    public Steady() {
        Call call = new Call(Call.users());
        setUp(scenario("steady")
                        .during(Duration.ofSeconds(Call.seconds()))
                        .on(call.permitted())
                        .injectOpen(atOnceUsers(Call.users())))
                .protocols(call.protocol())
                .maxDuration(Duration.ofSeconds(Call.seconds() + 10L));
    }
}
