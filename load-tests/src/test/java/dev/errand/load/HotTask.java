package dev.errand.load;

import static io.gatling.javaapi.core.CoreDsl.atOnceUsers;
import static io.gatling.javaapi.core.CoreDsl.scenario;

import io.gatling.javaapi.core.Simulation;
import java.time.Duration;

/** Agents that all call in one task: its state is a single record, which every call changes. */
public final class HotTask extends Simulation {
    public HotTask() {
        Call call = new Call(1);
        setUp(scenario("hot task")
                        .during(Duration.ofSeconds(Call.seconds()))
                        .on(call.permitted())
                        .injectOpen(atOnceUsers(Call.users())))
                .protocols(call.protocol())
                .maxDuration(Duration.ofSeconds(Call.seconds() + 10L));
    }
}
