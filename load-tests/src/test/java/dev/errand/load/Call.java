package dev.errand.load;

import static io.gatling.javaapi.core.CoreDsl.atOnceUsers;
import static io.gatling.javaapi.core.CoreDsl.doIfOrElse;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.jsonPath;
import static io.gatling.javaapi.core.CoreDsl.regex;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import dev.errand.jose.KeyAlgorithm;
import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.CheckBuilder;
import io.gatling.javaapi.core.PopulationBuilder;
import io.gatling.javaapi.core.Session;
import io.gatling.javaapi.http.HttpProtocolBuilder;
import io.gatling.javaapi.http.HttpRequestActionBuilder;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.stream.IntStream;

/** What the simulations have in common: the gateway, its tasks and one call with a fresh proof. */
final class Call {
    private static final String PATH = "/vault/v1/secret/data/ci/payments/db";
    private static final String STREAM = "/vault/v1/secret/data/ci/payments/stream";

    private final Target target = Target.ofSystemProperties();
    private final List<StartedTask> tasks;

    /** Starts the tasks that virtual users share, each user its own if there are as many. */
    Call(int tasks) {
        this.tasks = target.start(tasks);
    }

    /** The same, the n-th task's holder at the end of a chain of n tokens, then from one again up to the deepest. */
    static Call ofDepths(int tasks, int deepest) {
        return new Call(tasks, deepest);
    }

    private Call(int tasks, int deepest) {
        List<StartedTask> roots = target.start(tasks);
        this.tasks = IntStream.range(0, tasks)
                .mapToObj(i -> {
                    StartedTask task = roots.get(i);
                    for (int depth = 1; depth <= i % deepest; depth++) {
                        task = task.derived(Signer.generate(KeyAlgorithm.ED25519));
                    }
                    return task;
                })
                .toList();
    }

    static int seconds() {
        return Integer.getInteger("errand.load.seconds", 20);
    }

    static int users() {
        return Integer.getInteger("errand.load.users", 16);
    }

    /** When a simulation is ended whatever its users do. */
    static Duration longest() {
        return Duration.ofSeconds(seconds() + 10L);
    }

    /** Users that all do this for the whole time, each again as soon as it is done. */
    PopulationBuilder closed(String name, ChainBuilder what) {
        return scenario(name)
                .during(Duration.ofSeconds(seconds()))
                .on(what)
                .injectOpen(atOnceUsers(users()))
                .protocols(protocol());
    }

    HttpProtocolBuilder protocol() {
        return http.baseUrl(target.address()).shareConnections().disableWarmUp().disableCaching();
    }

    /** One permitted call; anything but 200 counts as a failure. */
    ChainBuilder permitted() {
        return exec(session -> proven(session, tasks.get((int) (session.userId() % tasks.size())), "GET", PATH))
                .exec(called(PATH, status().is(200)));
    }

    /** One permitted call whose answer comes in {@value Upstream#EVENTS} events over a second; all must come through. */
    ChainBuilder streamed() {
        return exec(session -> proven(session, tasks.get((int) (session.userId() % tasks.size())), "GET", STREAM))
                .exec(called(
                        STREAM, status().is(200), regex("data: [0-9]+").count().is(Upstream.EVENTS)));
    }

    /** A small task from its start to its end: started over HTTP, one call, given back by its holder. */
    ChainBuilder wholeTask() {
        return exec(session -> {
                    Signer holder = Signer.generate(KeyAlgorithm.ED25519);
                    Target.Start start = target.start(Long.hashCode(session.userId()), holder);
                    return session.set("holder", holder)
                            .set("proof", start.proof())
                            .setAll(new HashMap<String, Object>(start.form()));
                })
                .exec(startRequest()
                        .check(status().is(200), jsonPath("$.access_token").saveAs("access")))
                .exec(session -> proven(
                        session, new StartedTask(session.get("holder"), session.getString("access")), "GET", PATH))
                .exec(called(PATH, status().is(200)))
                .exec(session -> proven(
                        session,
                        new StartedTask(session.get("holder"), session.getString("access")),
                        "POST",
                        "/oauth2/revoke"))
                .exec(http("end")
                        .post("/oauth2/revoke")
                        .header("DPoP", "#{proof}")
                        .formParam("token", "#{access}")
                        .check(status().is(200)));
    }

    private static HttpRequestActionBuilder startRequest() {
        HttpRequestActionBuilder request = http("start").post("/oauth2/token").header("DPoP", "#{proof}");
        for (String member : Target.Start.MEMBERS) {
            request = request.formParam(member, "#{" + member + "}");
        }
        return request;
    }

    private Session proven(Session session, StartedTask task, String method, String path) {
        String proof = task.proof(method, target.issuer() + path, System.currentTimeMillis() / 1000);
        return session.set("token", task.authorization())
                .set("chain", task.chain())
                .set("proof", proof);
    }

    private static ChainBuilder called(String path, CheckBuilder... checks) {
        HttpRequestActionBuilder root = http("call")
                .get(path)
                .header("Authorization", "#{token}")
                .header("DPoP", "#{proof}")
                .check(checks);
        return doIfOrElse(session -> String.valueOf(session.getString("chain")).isEmpty())
                .then(exec(root))
                .orElse(exec(root.header("Delegation-Chain", "#{chain}")));
    }
}
