package dev.errand.operator;

import dev.errand.fleet.Lock;
import dev.errand.fleet.Locks;
import dev.errand.fleet.Replicas;
import dev.errand.issuer.StandingEnds;
import dev.errand.json.Jcs;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.loop.Uncancelled;
import dev.errand.state.Selector;
import dev.errand.state.StoreUnavailableException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * Many tasks, locks and replicas over HTTP. A change and its record are completed even if the operator closes the connection.
 * Thread-safe, never blocking.
 */
record FleetRoutes(ManyTasks many, Locks locks, Replicas replicas, OperatorChanges changes, StandingEnds standing) {
    private static final String LOCK = "l-[A-Za-z0-9_-]{1,64}";
    private static final String INSTANCE = "[A-Za-z0-9.-]{1,64}";

    public void addTo(RouterFunctions.Builder routes) {
        routes.POST("/tasks/interrupt", this::interrupt)
                .GET("/locks", this::locks)
                .DELETE("/locks/{id:" + LOCK + "}", this::lift)
                .GET("/replicas", this::replicas)
                .DELETE("/replicas/{instance:" + INSTANCE + "}", this::giveUp);
    }

    private Mono<ServerResponse> interrupt(ServerRequest request) {
        Operator operator = Operator.of(request);
        return RequestBody.read(request).flatMap(body -> {
            ManyTasks.Order order = OrderBody.order(body, operator.by());
            return Uncancelled.of(standing(order)
                            .zipWith(many.interrupt(order)
                                    .onErrorResume(
                                            StoreUnavailableException.class,
                                            away -> changes.record(operator, "interrupt-many", null, unknown(order))
                                                    .then(Mono.error(away)))
                                    .flatMap(done ->
                                            recorded(operator, order, done).thenReturn(done))))
                    .flatMap(both -> Answers.json(HttpStatus.OK, told(order, both.getT2(), both.getT1())))
                    .switchIfEmpty(Mono.defer(() -> Answers.problem(
                            HttpStatus.TOO_MANY_REQUESTS, "there are " + Locks.MOST + " locks: lift some, or wait")));
        });
    }

    /** Ends the standing errands that the order selects, and says how many might still have run. */
    private Mono<Long> standing(ManyTasks.Order order) {
        Selector selector = order.selector();
        return standing.endAll(
                new StandingEnds.Selection(selector.human(), selector.agent(), selector.template()),
                order.by(),
                order.why());
    }

    /** Records the order's result, and the last result when it is there. */
    private Mono<Boolean> recorded(Operator operator, ManyTasks.Order order, ManyTasks.Done done) {
        return changes.record(operator, "interrupt-many", null, detail(order, done))
                .doOnNext(now -> done.last()
                        .flatMap(last -> changes.record(operator, "interrupt-many", null, detail(order, last)))
                        .subscribe());
    }

    private static String detail(ManyTasks.Order order, ManyTasks.Done done) {
        JsonMembers members = new JsonMembers().putAll(done.lock().selectors());
        members.put("ended", done.ended());
        members.put("ending", ending(done));
        members.orNull("lock", order.lock() == null ? null : done.lock().id());
        members.put("why", order.why());
        return Jcs.canonical(members.toJson());
    }

    /** The record's detail if the store did not answer: the lock may have been set all the same, and may end tasks. */
    private static String unknown(ManyTasks.Order order) {
        JsonMembers members = new JsonMembers().putAll(Lock.selectors(order.selector()));
        return Jcs.canonical(
                members.put("set", "unknown").put("why", order.why()).toJson());
    }

    private static JsonObject told(ManyTasks.Order order, ManyTasks.Done done, long standing) {
        Lock lock = done.lock();
        return new JsonMembers()
                .put("ended", done.ended())
                .put("standing", standing)
                .put("ending", ending(done))
                .put(
                        "lock",
                        order.lock() == null
                                ? JsonNull.NULL
                                : new JsonObject(
                                        Map.of("id", new JsonString(lock.id()), "until", time(lock.untilMillis()))))
                .toJson();
    }

    private static JsonValue ending(ManyTasks.Done done) {
        Long ending = done.ending();
        return ending == null ? JsonNull.NULL : JsonNumber.of(ending);
    }

    private Mono<ServerResponse> locks(ServerRequest request) {
        Parameters.of(request, Set.of());
        return locks.refresh().flatMap(all -> {
            long now = locks.nowMillis();
            List<JsonValue> told = all.stream()
                    .filter(lock -> lock.refusesStarts(now))
                    .map(FleetRoutes::toJson)
                    .toList();
            return Answers.json(HttpStatus.OK, new JsonObject(Map.of("locks", new JsonArray(told))));
        });
    }

    private static JsonValue toJson(Lock lock) {
        JsonMembers members = new JsonMembers();
        members.put("id", lock.id());
        members.put("until", time(lock.untilMillis()));
        members.putAll(lock.operator());
        members.put("why", lock.why());
        members.putAll(lock.selectors());
        return members.toJson();
    }

    private Mono<ServerResponse> lift(ServerRequest request) {
        Operator operator = Operator.of(request);
        String id = request.pathVariable("id");
        return Uncancelled.of(locks.lift(id)
                        .flatMap(lifted -> lifted
                                ? changes.record(operator, "unlock", null, id).thenReturn(true)
                                : Mono.just(false)))
                .flatMap(lifted -> lifted
                        ? ServerResponse.noContent().build()
                        : Answers.problem(HttpStatus.NOT_FOUND, "there is no such lock"));
    }

    private Mono<ServerResponse> replicas(ServerRequest request) {
        Parameters.of(request, Set.of());
        return replicas.read().flatMap(seen -> {
            List<JsonValue> told = seen.replicas().stream()
                    .map(replica -> (JsonValue) replica.toJson(seen.nowMillis()))
                    .toList();
            return Answers.json(HttpStatus.OK, new JsonObject(Map.of("replicas", new JsonArray(told))));
        });
    }

    private Mono<ServerResponse> giveUp(ServerRequest request) {
        Operator operator = Operator.of(request);
        String instance = request.pathVariable("instance");
        Mono<Replicas.GivenUp> given = Uncancelled.of(replicas.giveUp(instance)
                .flatMap(what -> what == Replicas.GivenUp.GONE
                        ? changes.record(operator, "give-up-replica", null, instance)
                                .thenReturn(what)
                        : Mono.just(what)));
        return given.flatMap(what -> switch (what) {
            case GONE -> ServerResponse.noContent().build();
            case UNKNOWN -> Answers.problem(HttpStatus.NOT_FOUND, "there is no such replica");
            case RUNS -> Answers.problem(HttpStatus.CONFLICT, "this replica runs: stop it first");
        });
    }

    private static JsonString time(long millis) {
        return new JsonString(Instant.ofEpochMilli(millis).toString());
    }
}
