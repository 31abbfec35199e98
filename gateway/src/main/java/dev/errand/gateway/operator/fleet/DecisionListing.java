package dev.errand.gateway.operator.fleet;

import dev.errand.gateway.operator.access.Operator;
import dev.errand.gateway.operator.http.Answers;
import dev.errand.gateway.operator.http.Page;
import dev.errand.gateway.operator.http.Parameters;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.provenance.log.read.DecisionQuery;
import dev.errand.provenance.log.read.LogReader;
import dev.errand.text.TextPage;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * {@code GET /decisions}: decisions of the whole fleet, the newest first. Each replica reads its own log; a replica that asks gets the
 * records with their indexes. Thread-safe; the log is read off the event loop.
 *
 * @param instance the name of this replica
 */
public record DecisionListing(Path log, OtherReplicas others, String instance) {
    private static final List<String> FILTERS =
            List.of("resource", "operation", "human", "agent", "task", "since", "until", "outcome");
    private static final Set<String> PARAMETERS =
            Set.of("resource", "operation", "human", "agent", "task", "since", "until", "outcome", "limit", "cursor");
    private static final int LIMIT = 100;

    /** One page. */
    public Mono<ServerResponse> answer(ServerRequest request) {
        Parameters asked = Parameters.of(request, PARAMETERS);
        int limit = asked.number("limit", 1, DecisionQuery.MAX_LIMIT, LIMIT);
        DecisionCursor cursor = DecisionCursor.parse(asked.get("cursor"));
        DecisionQuery query = new DecisionQuery(
                asked.get("resource"),
                asked.get("operation"),
                asked.get("human"),
                asked.get("agent"),
                asked.get("task"),
                asked.time("since"),
                cursor.until(instance, asked.time("until")),
                asked.word("outcome", Set.of("permit", "deny")),
                limit,
                Math.max(0, cursor.of(instance)));
        Mono<DecisionSlice> own = Mono.fromCallable(
                        () -> DecisionSlice.of(instance, new LogReader(log).decisions(query)))
                .subscribeOn(Schedulers.boundedElastic());
        if (Operator.isReplica(request)) {
            return own.flatMap(slice -> Answers.json(HttpStatus.OK, slice.told()));
        }
        return Mono.zip(own, others.ask(each -> target(asked, limit, each, cursor), "application/json"))
                .flatMap(all -> {
                    List<DecisionSlice> slices = new ArrayList<>(List.of(all.getT1()));
                    all.getT2().found().forEach(answer -> slices.add(DecisionSlice.heard(answer)));
                    return Answers.page(
                            request, page(slices, limit, cursor, all.getT2().missing()));
                });
    }

    /** The request to another replica: the same question, from the place where its log continues. */
    private static String target(Parameters asked, int limit, String instance, DecisionCursor cursor) {
        StringBuilder target = new StringBuilder("/decisions?limit=").append(limit);
        Long before = cursor.before().get(instance);
        if (before != null) {
            target.append("&cursor=").append(new DecisionCursor(Map.of(instance, before), null).write());
        }
        Instant until = cursor.until(instance, asked.time("until"));
        for (String name : FILTERS) {
            String value = name.equals("until") && until != null ? until.toString() : asked.get(name);
            if (value != null) {
                target.append('&').append(name).append('=').append(URLEncoder.encode(value, StandardCharsets.UTF_8));
            }
        }
        return target.toString();
    }

    private static Page page(List<DecisionSlice> slices, int limit, DecisionCursor asked, Collection<String> missing) {
        DecisionPage page = DecisionPage.of(slices, limit, asked);
        DecisionCursor next = page.cursor();
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("decisions", new JsonArray(List.copyOf(page.decisions())));
        members.put("cursor", Answers.text(next == null ? null : next.write()));
        members.put("missing", Answers.strings(missing));
        return new Page(new JsonObject(members), text(page.decisions(), missing));
    }

    private static String text(List<JsonObject> taken, Collection<String> missing) {
        TextPage text = new TextPage();
        for (JsonObject record : taken) {
            text.line(
                    record.string("time"),
                    "  ",
                    record.string("decision"),
                    "  ",
                    record.string("outcome"),
                    "  ",
                    record.string("task"),
                    "  ",
                    record.string("operation"));
        }
        missing.forEach(instance -> text.line("missing ", instance));
        return text.toString();
    }
}
