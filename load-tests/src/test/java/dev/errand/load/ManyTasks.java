package dev.errand.load;

import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.scenario;

import io.gatling.javaapi.core.Simulation;
import java.time.Duration;

/** Many small tasks: each is started, makes one call and is ended, at a rate that the token endpoint admits of one client. */
public final class ManyTasks extends Simulation {
    /** The endpoint admits 100 requests a second of one client, and a task makes two. */
    private static final int MOST_PER_SECOND = 45;

    public ManyTasks() {
        Call call = new Call(1);
        setUp(scenario("many tasks")
                        .exec(call.wholeTask())
                        .injectOpen(constantUsersPerSec(Math.min(MOST_PER_SECOND, Call.users()))
                                .during(Duration.ofSeconds(Call.seconds()))))
                .protocols(call.protocol())
                .maxDuration(Call.longest());
    }
}
