package dev.errand.operator;

import dev.errand.issuer.approval.StandingApprovals;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.loop.Uncancelled;
import dev.errand.operator.Parameters.UnfitException;
import dev.errand.operator.RequestBody.TooLongException;
import dev.errand.sequence.SequencePolicy.Settlement;
import dev.errand.state.StoreUnavailableException;
import dev.errand.task.TaskOutcome;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** The operator's API over HTTP. The log is read off the event loop. */
record OperatorRoutes(
        ConfigurationPage configuration,
        StandingApprovals approvals,
        FleetPages pages,
        TaskListing tasks,
        DecisionListing decisions,
        ActivityPage activity,
        FleetRoutes fleet,
        StandingRoutes standing,
        Interruptions interruptions,
        KnownOutcomes outcomes) {
    private static final String ID = "[A-Za-z0-9_-]{1,128}";

    RouterFunction<ServerResponse> routes() {
        RouterFunctions.Builder routes = RouterFunctions.route()
                .GET("/decisions", decisions::answer)
                .GET("/decisions/{id:" + ID + "}", pages::decision)
                .GET("/activity", activity::answer)
                .GET("/tasks", r -> tasks.page(r).flatMap(page -> Answers.page(r, page)))
                .GET("/tasks/{id:" + ID + "}", pages::task)
                .POST("/tasks/{id:" + ID + "}/interrupt", this::interrupt)
                .POST("/tasks/{id:" + ID + "}/outcomes", this::outcome)
                .GET("/approvals", this::approvals)
                .GET("/configuration", configuration::answer);
        fleet.addTo(routes);
        standing.addTo(routes);
        return routes.filter((request, next) -> Mono.defer(() -> next.handle(request))
                        .onErrorResume(UnfitException.class, e -> Answers.problem(HttpStatus.BAD_REQUEST, message(e)))
                        .onErrorResume(
                                TooLongException.class, e -> Answers.problem(HttpStatus.CONTENT_TOO_LARGE, message(e)))
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

    private Mono<ServerResponse> approvals(ServerRequest request) {
        Parameters.of(request, Set.of());
        return approvals.all().flatMap(found -> Answers.json(HttpStatus.OK, found));
    }

    private Mono<ServerResponse> interrupt(ServerRequest request) {
        String task = request.pathVariable("id");
        Operator operator = Operator.of(request);
        return RequestBody.read(request).flatMap(body -> {
            OrderBody.Reason reason = OrderBody.reason(body);
            return Uncancelled.of(interruptions.interrupt(task, new Ending(operator, reason.why(), reason.tell())))
                    .flatMap(outcome -> outcome.isEmpty()
                            ? Answers.problem(HttpStatus.NOT_FOUND, "no such task runs, or it ended long ago")
                            : Answers.json(HttpStatus.OK, state(task, outcome.get())));
        });
    }

    private Mono<ServerResponse> outcome(ServerRequest request) {
        String task = request.pathVariable("id");
        Operator operator = Operator.of(request);
        return RequestBody.read(request).flatMap(body -> {
            OrderBody.Outcome told = OrderBody.outcome(body);
            return Uncancelled.of(outcomes.know(operator, task, told.decision(), told.happened()))
                    .flatMap(known -> switch (known.verdict()) {
                        case SETTLED, REPEATED -> Answers.json(HttpStatus.OK, told(task, told, known));
                        case CONFLICT ->
                            Answers.problem(
                                    HttpStatus.CONFLICT, "an operator has said the opposite of this call before");
                        case IN_FLIGHT ->
                            Answers.problem(
                                    HttpStatus.CONFLICT,
                                    "the call is in flight: its outcome may still come, until the response timeout");
                        case NO_SUCH ->
                            Answers.problem(
                                    HttpStatus.NOT_FOUND,
                                    "no task of that id runs in which an unknown outcome of this call matters");
                    });
        });
    }

    private static JsonObject told(String task, OrderBody.Outcome outcome, KnownOutcomes.Known known) {
        return new JsonObject(Map.of(
                "task", new JsonString(task),
                "decision", new JsonString(outcome.decision()),
                "happened", new JsonBoolean(outcome.happened()),
                "repeated", new JsonBoolean(known.verdict() == Settlement.Verdict.REPEATED),
                "recorded", new JsonBoolean(known.recorded())));
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
}
