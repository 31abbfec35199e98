package dev.errand.operator;

import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.TextPage;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.redis.IndexReader;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.Callable;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * One task and one decision, from the logs of all replicas. Another replica that asks gets only the records of this replica's log.
 * Thread-safe; the log is read off the event loop.
 */
record FleetPages(
        TaskTrees trees, DecisionPages decisions, IndexReader index, OtherReplicas others, TaskStanding standing) {
    private static final String JSON = "application/json";
    private static final String NOTHING = "no replica that answered has anything of that id";

    /** {@code GET /tasks/{id}}. */
    Mono<ServerResponse> task(ServerRequest request) {
        Parameters.of(request, Set.of());
        String task = request.pathVariable("id");
        Mono<TaskTrees.Excerpt> own = read(() -> trees.records(task));
        if (Operator.isReplica(request)) {
            return own.flatMap(told -> Answers.json(
                    HttpStatus.OK,
                    new JsonMembers()
                            .put("records", new JsonArray(List.copyOf(told.records())))
                            .put("omitted", told.omitted())
                            .toJson()));
        }
        return Mono.zip(own, others.ask("/tasks/" + task, JSON), state(task)).flatMap(all -> {
            // A record that is in a log and in its copy is shown once.
            Set<JsonObject> records = new LinkedHashSet<>(all.getT1().records());
            long omitted = all.getT1().omitted();
            for (OtherReplicas.Answer answer : all.getT2().found()) {
                JsonObject told = answer.json();
                records.addAll(records(told));
                omitted += told.get("omitted") instanceof JsonNumber number && number.isLong() ? number.asLong() : 0;
            }
            Optional<Page> page =
                    TaskTrees.page(task, records, omitted, all.getT3().orElse(null));
            return page.isEmpty() || Answers.wantsText(request)
                    ? answer(request, page, all.getT2().missing())
                    : standing.added(task, page.get().json())
                            .flatMap(json -> answer(
                                    request,
                                    Optional.of(new Page(json, page.get().text())),
                                    all.getT2().missing()));
        });
    }

    private static List<JsonObject> records(JsonObject answer) {
        return answer.get("records") instanceof JsonArray array
                ? array.values().stream()
                        .filter(JsonObject.class::isInstance)
                        .map(JsonObject.class::cast)
                        .toList()
                : List.of();
    }

    /** The task's state in the store; empty if the store does not answer or has no record, so that only the logs count. */
    private Mono<Optional<String>> state(String task) {
        return index.glance(task)
                .map(glance -> glance.map(
                        found -> found.state(System.currentTimeMillis()).wire()))
                .onErrorReturn(StoreUnavailableException.class, Optional.empty());
    }

    /** {@code GET /decisions/{id}}. */
    Mono<ServerResponse> decision(ServerRequest request) {
        Parameters.of(request, Set.of());
        String decision = request.pathVariable("id");
        Mono<Optional<Page>> own = read(() -> decisions.find(decision));
        if (Operator.isReplica(request)) {
            return own.flatMap(page -> page.isPresent()
                    ? Answers.page(request, page.get())
                    : Answers.problem(HttpStatus.NOT_FOUND, "this replica has nothing of that id"));
        }
        return own.flatMap(page -> page.isPresent()
                ? others.lost().flatMap(lost -> answer(request, page, lost))
                : others.ask("/decisions/" + decision, Answers.wantsText(request) ? "text/plain" : JSON)
                        .flatMap(asked -> answer(request, page(request, asked), asked.missing())));
    }

    /** The record of a decision, from this replica's log or another's; empty if nobody who answers has it. */
    Mono<Optional<JsonObject>> record(String decision) {
        return read(() -> decisions.record(decision))
                .flatMap(own -> own.isPresent()
                        ? Mono.just(own)
                        : others.ask("/decisions/" + decision, JSON)
                                .map(asked -> asked.found().stream()
                                        .map(found -> found.json().object("record"))
                                        .filter(Objects::nonNull)
                                        .findFirst()));
    }

    private static Optional<Page> page(ServerRequest request, OtherReplicas.Answers asked) {
        boolean text = Answers.wantsText(request);
        return asked.found().stream()
                .findFirst()
                .map(found -> text ? new Page(JsonObject.EMPTY, found.body()) : new Page(found.json(), ""));
    }

    private static Mono<ServerResponse> answer(ServerRequest request, Optional<Page> page, SortedSet<String> missing) {
        JsonValue names = JsonMembers.texts(missing);
        if (page.isEmpty()) {
            return Answers.problem(HttpStatus.NOT_FOUND, NOTHING, Map.of("missing", names));
        }
        TextPage text = new TextPage().written(page.get().text());
        missing.forEach(instance -> text.line("missing ", instance));
        return Answers.page(request, new Page(Answers.with(page.get().json(), "missing", names), text.toString()));
    }

    private static <T> Mono<T> read(Callable<T> reading) {
        return Mono.fromCallable(reading).subscribeOn(Schedulers.boundedElastic());
    }
}
