package dev.errand.gateway.operator;

import dev.errand.config.Fault;
import dev.errand.jose.SigningKeys;
import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.policy.LivePolicies;
import dev.errand.state.StoreUnavailableException;
import dev.errand.task.TaskOutcome;
import dev.errand.text.Printable;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The operator's API over HTTP. The log is read off the event loop. */
record OperatorRoutes(
        LivePolicies live,
        SigningKeys keys,
        DecisionPages decisions,
        TaskTrees trees,
        RecentTasks recent,
        Interruptions interruptions) {
    private static final String ID = "[A-Za-z0-9_-]{1,128}";
    private static final int MAX_WHY = 512;

    RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route()
                .GET(
                        "/decisions/{id:" + ID + "}",
                        r -> page(
                                r,
                                Mono.fromCallable(() -> decisions.find(r.pathVariable("id")))
                                        .subscribeOn(Schedulers.boundedElastic())))
                .GET("/tasks", r -> page(r, recent.page()))
                .GET("/tasks/{id:" + ID + "}", r -> page(r, trees.find(r.pathVariable("id"))))
                .POST("/tasks/{id:" + ID + "}/interrupt", this::interrupt)
                .GET("/configuration", r -> json(HttpStatus.OK, configuration()))
                .build();
    }

    private static Mono<ServerResponse> page(ServerRequest request, Mono<Optional<Page>> found) {
        boolean text = request.headers().accept().stream()
                .findFirst()
                .filter(MediaType.TEXT_PLAIN::equalsTypeAndSubtype)
                .isPresent();
        return found.flatMap(page -> page.isEmpty()
                        ? problem(HttpStatus.NOT_FOUND, "this replica has nothing of that id")
                        : text
                                ? ServerResponse.ok()
                                        .contentType(
                                                new MediaType("text", "plain", java.nio.charset.StandardCharsets.UTF_8))
                                        .bodyValue(page.get().text())
                                : json(HttpStatus.OK, page.get().json()))
                .onErrorResume(
                        IOException.class,
                        e -> problem(HttpStatus.SERVICE_UNAVAILABLE, "the log cannot be read; see verify-log"));
    }

    private Mono<ServerResponse> interrupt(ServerRequest request) {
        String task = request.pathVariable("id");
        return request.bodyToMono(String.class).defaultIfEmpty("").flatMap(body -> {
            String why = why(body);
            if (why == null) {
                return problem(HttpStatus.BAD_REQUEST, "send {\"why\": \"...\"} with 1 to " + MAX_WHY + " characters");
            }
            return interruptions
                    .interrupt(task, why, tells(body))
                    .flatMap(outcome -> outcome.isEmpty()
                            ? problem(HttpStatus.NOT_FOUND, "no such task runs, or it ended long ago")
                            : json(HttpStatus.OK, state(task, outcome.get())))
                    .onErrorResume(
                            StoreUnavailableException.class,
                            e -> problem(HttpStatus.SERVICE_UNAVAILABLE, "the state is unavailable: ask again"));
        });
    }

    /** Whether the task's holders are told the reason too. */
    private static boolean tells(String body) {
        try {
            return Json.parse(body) instanceof JsonObject object
                    && new JsonValue.JsonBoolean(true).equals(object.get("tell"));
        } catch (Json.MalformedJsonException e) {
            return false;
        }
    }

    private static @org.jspecify.annotations.Nullable String why(String body) {
        try {
            String why = Json.parse(body) instanceof JsonObject object ? object.string("why") : null;
            return why == null || why.isBlank() || why.length() > MAX_WHY ? null : why;
        } catch (Json.MalformedJsonException e) {
            return null;
        }
    }

    private static JsonObject state(String task, Interruptions.Interrupted interrupted) {
        TaskOutcome outcome = interrupted.outcome();
        String state = outcome instanceof TaskOutcome.Done done
                ? done.state().name()
                : outcome instanceof TaskOutcome.Ended ended ? ended.state().name() : "UNKNOWN";
        return new JsonObject(Map.of(
                "task", new JsonString(task),
                "state", new JsonString(state.toLowerCase(java.util.Locale.ROOT)),
                "recorded", new JsonValue.JsonBoolean(interrupted.recorded()),
                "confirmed", new JsonValue.JsonBoolean(interrupted.confirmed())));
    }

    private JsonObject configuration() {
        LivePolicies.Report report = live.report();
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("revision", new JsonString(report.revision()));
        members.put("file_revision", new JsonString(report.fileRevision()));
        members.put("since", new JsonString(report.since().toString()));
        members.put("current", new JsonValue.JsonBoolean(report.isCurrent()));
        members.put(
                "refused_at",
                report.refusedAt() == null
                        ? JsonNull.NULL
                        : new JsonString(report.refusedAt().toString()));
        members.put(
                "faults", strings(report.faults().stream().map(Fault::toString).toList()));
        members.put("restart_needed", strings(report.restartNeeded()));
        members.put("keys", strings(keys.ids()));
        return new JsonObject(members);
    }

    private static JsonArray strings(List<String> texts) {
        return new JsonArray(
                texts.stream().map(text -> (JsonValue) new JsonString(text)).toList());
    }

    private static Mono<ServerResponse> problem(HttpStatus status, String detail) {
        JsonObject body = new JsonObject(Map.of(
                "title", new JsonString(status.getReasonPhrase()),
                "status", JsonValue.JsonNumber.of(status.value()),
                "detail", new JsonString(detail)));
        return ServerResponse.status(status)
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .bodyValue(Printable.line(Jcs.canonical(body)));
    }

    private static Mono<ServerResponse> json(HttpStatus status, JsonObject body) {
        return ServerResponse.status(status)
                .contentType(MediaType.APPLICATION_JSON)
                .bodyValue(Printable.line(Jcs.canonical(body)));
    }
}
