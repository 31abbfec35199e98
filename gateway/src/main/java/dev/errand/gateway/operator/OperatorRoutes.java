package dev.errand.gateway.operator;

import dev.errand.config.Fault;
import dev.errand.gateway.operator.access.Operator;
import dev.errand.gateway.operator.fleet.DecisionListing;
import dev.errand.gateway.operator.fleet.FleetRoutes;
import dev.errand.gateway.operator.fleet.OrderBody;
import dev.errand.gateway.operator.fleet.TaskListing;
import dev.errand.gateway.operator.http.Answers;
import dev.errand.gateway.operator.http.Parameters.UnfitException;
import dev.errand.jose.SigningKeys;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.loop.Uncancelled;
import dev.errand.policy.LivePolicies;
import dev.errand.state.StoreUnavailableException;
import dev.errand.task.TaskOutcome;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * The operator's API over HTTP. The log is read off the event loop.
 *
 * @param mode {@code enforce} or {@code observe}
 */
record OperatorRoutes(
        LivePolicies live,
        String mode,
        SigningKeys keys,
        FleetPages pages,
        TaskListing tasks,
        DecisionListing decisions,
        FleetRoutes fleet,
        Interruptions interruptions) {
    private static final String ID = "[A-Za-z0-9_-]{1,128}";

    RouterFunction<ServerResponse> routes() {
        RouterFunctions.Builder routes = RouterFunctions.route()
                .GET("/decisions", decisions::answer)
                .GET("/decisions/{id:" + ID + "}", pages::decision)
                .GET("/tasks", r -> tasks.page(r).flatMap(page -> Answers.page(r, page)))
                .GET("/tasks/{id:" + ID + "}", pages::task)
                .POST("/tasks/{id:" + ID + "}/interrupt", this::interrupt)
                .GET("/configuration", r -> Answers.json(HttpStatus.OK, configuration()));
        fleet.addTo(routes);
        return routes.filter((request, next) -> Mono.defer(() -> next.handle(request))
                        .onErrorResume(UnfitException.class, e -> Answers.problem(HttpStatus.BAD_REQUEST, message(e)))
                        .onErrorResume(
                                StoreUnavailableException.class,
                                e -> Answers.problem(
                                        HttpStatus.SERVICE_UNAVAILABLE, "the state is unavailable: ask again"))
                        .onErrorResume(
                                IOException.class,
                                e -> Answers.problem(
                                        HttpStatus.SERVICE_UNAVAILABLE, "the log cannot be read; see verify-log")))
                .build();
    }

    private static String message(Throwable e) {
        return String.valueOf(e.getMessage());
    }

    private Mono<ServerResponse> interrupt(ServerRequest request) {
        String task = request.pathVariable("id");
        Operator operator = Operator.of(request);
        return request.bodyToMono(String.class).defaultIfEmpty("").flatMap(body -> {
            OrderBody.Reason reason = OrderBody.reason(body);
            return Uncancelled.of(interruptions.interrupt(task, new Ending(operator, reason.why(), reason.tell())))
                    .flatMap(outcome -> outcome.isEmpty()
                            ? Answers.problem(HttpStatus.NOT_FOUND, "no such task runs, or it ended long ago")
                            : Answers.json(HttpStatus.OK, state(task, outcome.get())));
        });
    }

    private static JsonObject state(String task, Interruptions.Interrupted interrupted) {
        TaskOutcome outcome = interrupted.outcome();
        String state = outcome instanceof TaskOutcome.Done done
                ? done.state().name()
                : outcome instanceof TaskOutcome.Ended ended ? ended.state().name() : "UNKNOWN";
        return new JsonObject(Map.of(
                "task", new JsonString(task),
                "state", new JsonString(state.toLowerCase(Locale.ROOT)),
                "recorded", new JsonBoolean(interrupted.recorded()),
                "confirmed", new JsonBoolean(interrupted.confirmed())));
    }

    private JsonObject configuration() {
        LivePolicies.Report report = live.report();
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("revision", new JsonString(report.revision()));
        members.put("file_revision", new JsonString(report.fileRevision()));
        members.put("mode", new JsonString(mode));
        members.put("since", new JsonString(report.since().toString()));
        members.put("current", new JsonBoolean(report.isCurrent()));
        members.put(
                "refused_at",
                report.refusedAt() == null
                        ? JsonNull.NULL
                        : new JsonString(report.refusedAt().toString()));
        members.put(
                "faults",
                Answers.strings(report.faults().stream().map(Fault::toString).toList()));
        members.put("restart_needed", Answers.strings(report.restartNeeded()));
        members.put("keys", Answers.strings(keys.ids()));
        return new JsonObject(members);
    }
}
