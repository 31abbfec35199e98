package dev.errand.load;

import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.http.HttpProtocolBuilder;
import java.util.List;

/** What the simulations have in common: the gateway, its tasks and one call with a fresh proof. */
final class Call {
    private static final String PATH = "/vault/v1/secret/data/ci/payments/db";

    private final Target target = Target.ofSystemProperties();
    private final List<StartedTask> tasks;

    /** Starts the tasks that virtual users share, each user its own if there are as many. */
    Call(int tasks) {
        this.tasks = target.start(tasks);
    }

    static int seconds() {
        return Integer.getInteger("errand.load.seconds", 20);
    }

    static int users() {
        return Integer.getInteger("errand.load.users", 16);
    }

    HttpProtocolBuilder protocol() {
        return http.baseUrl(target.address()).shareConnections().disableWarmUp().disableCaching();
    }

    /** One permitted call; anything but 200 counts as a failure. */
    ChainBuilder permitted() {
        return exec(session -> {
                    StartedTask task = tasks.get((int) (session.userId() % tasks.size()));
                    String proof = task.proof("GET", target.issuer() + PATH, System.currentTimeMillis() / 1000);
                    return session.set("token", task.authorization()).set("proof", proof);
                })
                .exec(http("call")
                        .get(PATH)
                        .header("Authorization", "#{token}")
                        .header("DPoP", "#{proof}")
                        .check(status().is(200)));
    }
}
