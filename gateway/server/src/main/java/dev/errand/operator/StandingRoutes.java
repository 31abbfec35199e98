package dev.errand.operator;

import dev.errand.issuer.StandingEnds;
import dev.errand.issuer.StandingEnds.Selection;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.json.TextPage;
import dev.errand.limit.Bandwidth;
import dev.errand.loop.Uncancelled;
import dev.errand.operator.Parameters.UnfitException;
import dev.errand.state.StandingErrand;
import dev.errand.state.StandingErrand.Past;
import dev.errand.state.StandingErrands.Found;
import dev.errand.token.Base64Url;
import dev.errand.token.Human;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * Standing errands over HTTP: {@code GET /standing}, {@code GET /standing/{id}} and {@code POST /standing/{id}/end}. Thread-safe, never
 * blocking.
 */
record StandingRoutes(StandingEnds ends, OperatorChanges changes) {
    private static final String ID = "se-[A-Za-z0-9_-]{22}";
    private static final String MEMBER = "[0-9]{13}(\\.[A-Za-z0-9_-]{8}){3}\\." + ID;
    private static final Set<String> PARAMETERS = Set.of("human", "agent", "template", "limit", "cursor");
    private static final String NONE = "there is no such standing errand";
    private static final int LIMIT = 100;
    private static final int MOST = 1_000;

    void addTo(RouterFunctions.Builder routes) {
        routes.GET("/standing", this::list)
                .GET("/standing/{id:" + ID + "}", this::one)
                .POST("/standing/{id:" + ID + "}/end", this::end);
    }

    private Mono<ServerResponse> list(ServerRequest request) {
        Parameters asked = Parameters.of(request, PARAMETERS);
        String human = asked.get("human");
        int space = human == null ? -1 : human.indexOf(' ');
        Selection selection = new Selection(
                human == null || space < 0 ? null : new Human(human.substring(0, space), human.substring(space + 1)),
                asked.get("agent"),
                asked.get("template"),
                space < 0 ? human : null);
        return ends.page(selection, asked.number("limit", 1, MOST, LIMIT), below(asked.get("cursor")))
                .flatMap(page -> Answers.page(request, page(page)));
    }

    private static Page page(StandingEnds.Page found) {
        JsonMembers members = new JsonMembers();
        members.put(
                "standing",
                new JsonArray(found.found().stream()
                        .map(each -> (JsonValue) members(each).toJson())
                        .toList()));
        String below = found.below();
        String cursor = below == null ? null : Base64Url.encode(below.getBytes(StandardCharsets.US_ASCII));
        members.orNull("cursor", cursor);
        TextPage text = new TextPage();
        for (Found each : found.found()) {
            StandingErrand errand = each.errand();
            text.line(String.join(
                    "  ",
                    errand.id(),
                    errand.state(each.nowMillis()).wire(),
                    errand.template(),
                    errand.human().issuer() + " " + errand.human().subject(),
                    errand.agent(),
                    "runs " + errand.used() + "/" + errand.allowed().runs(),
                    "calls left " + errand.callsLeft(),
                    "until " + Instant.ofEpochMilli(errand.allowed().untilMillis())));
        }
        if (cursor != null) {
            text.line("there may be more: ask with the cursor ", cursor);
        }
        return new Page(members.toJson(), text.toString());
    }

    private Mono<ServerResponse> one(ServerRequest request) {
        Parameters.of(request, Set.of());
        return ends.find(request.pathVariable("id"))
                .flatMap(found -> found.isEmpty()
                        ? Answers.problem(HttpStatus.NOT_FOUND, NONE)
                        : Answers.json(HttpStatus.OK, whole(found.get())));
    }

    /** The row of the list, what was allowed, and the last runs, the newest first. */
    private static JsonObject whole(Found found) {
        StandingErrand errand = found.errand();
        JsonMembers members = members(found);
        members.put("calls", errand.allowed().calls());
        Bandwidth limit = errand.allowed().limit();
        members.orNull(
                "limit",
                limit == null
                        ? null
                        : new JsonMembers()
                                .put("capacity", limit.capacity())
                                .put("period", limit.period().toSeconds())
                                .toJson());
        members.orNull("ended_by", errand.endedBy());
        List<JsonValue> runs = new ArrayList<>();
        errand.past().forEach(run -> runs.add(0, run(run, true)));
        errand.live()
                .forEach(run -> runs.add(
                        0,
                        run(
                                new Past(run.number(), run.task(), run.beganMillis(), run.calls()),
                                run.expiresMillis() <= found.nowMillis())));
        members.put("last", new JsonArray(runs));
        return members.toJson();
    }

    private static JsonObject run(Past run, boolean over) {
        return new JsonMembers()
                .put("run", run.number())
                .put("task", run.task())
                .put("began", time(run.beganMillis()))
                .put("state", over ? "over" : "active")
                .put("calls", run.calls())
                .toJson();
    }

    private static JsonMembers members(Found found) {
        StandingErrand errand = found.errand();
        JsonMembers members = new JsonMembers();
        members.put("id", errand.id());
        members.put("template", errand.template());
        members.put("human", errand.human().toJson());
        members.put("agent", errand.agent());
        members.put("allowed", time(errand.allowed().atMillis()));
        members.put("until", time(errand.allowed().untilMillis()));
        members.put("runs", errand.allowed().runs());
        members.put("used", errand.used());
        members.put("calls_left", errand.callsLeft());
        members.put("state", errand.state(found.nowMillis()).wire());
        return members;
    }

    private static JsonString time(long millis) {
        return new JsonString(Instant.ofEpochMilli(millis).toString());
    }

    private static @Nullable String below(@Nullable String cursor) {
        if (cursor == null) {
            return null;
        }
        byte[] bytes = Base64Url.decode(cursor);
        String member = bytes == null ? "" : new String(bytes, StandardCharsets.US_ASCII);
        if (!member.matches(MEMBER)) {
            throw new UnfitException("'cursor' must be the cursor of the page before; leave it out for the first page");
        }
        return member;
    }

    private Mono<ServerResponse> end(ServerRequest request) {
        Operator operator = Operator.of(request);
        String id = request.pathVariable("id");
        return RequestBody.read(request).flatMap(body -> {
            String why = OrderBody.reason(body).why();
            return Uncancelled.of(ends.end(id, operator.by(), why)
                            .flatMap(ended -> ended.isEmpty()
                                    ? Mono.just(ended)
                                    : changes.record(operator, "end-standing", null, id + ": " + why)
                                            .thenReturn(ended)))
                    .flatMap(ended -> ended.isEmpty()
                            ? Answers.problem(HttpStatus.NOT_FOUND, NONE)
                            : Answers.json(
                                    HttpStatus.OK,
                                    new JsonMembers()
                                            .put("id", id)
                                            .put("state", "ended")
                                            .toJson()));
        });
    }
}
