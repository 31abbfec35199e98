package dev.errand.gateway.operator.fleet;

import dev.errand.gateway.operator.access.Operator;
import dev.errand.gateway.operator.http.Answers;
import dev.errand.gateway.operator.http.Page;
import dev.errand.gateway.operator.http.Parameters;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.provenance.log.read.DecisionQuery;
import dev.errand.provenance.log.read.LogReader;
import dev.errand.provenance.log.read.LogRecords;
import dev.errand.text.TextPage;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * {@code GET /decisions}: decisions of the whole fleet, the newest first. Each replica reads its own log; a replica that asks is told the
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

    /** Positions of one page of one replica. */
    private record Slice(String instance, List<JsonObject> records, List<Long> indexes, long next) {}

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
                asked.time("until"),
                asked.word("outcome", Set.of("permit", "deny")),
                limit,
                Math.max(0, cursor.of(instance)));
        Mono<Slice> own = Mono.fromCallable(() -> slice(new LogReader(log).decisions(query)))
                .subscribeOn(Schedulers.boundedElastic());
        if (Operator.isReplica(request)) {
            return own.flatMap(slice -> Answers.json(HttpStatus.OK, told(slice)));
        }
        return Mono.zip(own, others.ask(each -> target(asked, limit, each, cursor), "application/json"))
                .flatMap(all -> {
                    List<Slice> slices = new ArrayList<>(List.of(all.getT1()));
                    all.getT2().found().forEach(answer -> slices.add(heard(answer)));
                    return Answers.page(
                            request, page(slices, limit, cursor, all.getT2().missing()));
                });
    }

    /** What another replica is asked: the same, from where its own log goes on. */
    private static String target(Parameters asked, int limit, String instance, DecisionCursor cursor) {
        StringBuilder target = new StringBuilder("/decisions?limit=").append(limit);
        Long before = cursor.before().get(instance);
        if (before != null) {
            target.append("&cursor=").append(new DecisionCursor(Map.of(instance, before)).write());
        }
        for (String name : FILTERS) {
            String value = asked.get(name);
            if (value != null) {
                target.append('&').append(name).append('=').append(URLEncoder.encode(value, StandardCharsets.UTF_8));
            }
        }
        return target.toString();
    }

    private Slice slice(LogRecords.Page page) {
        Long next = page.next();
        return new Slice(
                instance,
                page.decisions().stream().map(LogReader.Entry::json).toList(),
                page.decisions().stream().map(LogReader.Entry::index).toList(),
                next == null ? -1 : next);
    }

    private static JsonObject told(Slice slice) {
        return new JsonObject(Map.of(
                "records", new JsonArray(List.copyOf(slice.records())),
                "indexes",
                        new JsonArray(slice.indexes().stream()
                                .map(index -> (JsonValue) JsonNumber.of(index))
                                .toList()),
                "next", JsonNumber.of(slice.next())));
    }

    private static Slice heard(OtherReplicas.Answer answer) {
        JsonObject body = answer.json();
        List<JsonObject> records = new ArrayList<>();
        List<Long> indexes = new ArrayList<>();
        if (body.get("records") instanceof JsonArray all && body.get("indexes") instanceof JsonArray places) {
            for (int i = 0; i < Math.min(all.values().size(), places.values().size()); i++) {
                if (all.values().get(i) instanceof JsonObject record
                        && places.values().get(i) instanceof JsonNumber place
                        && place.isLong()) {
                    records.add(record);
                    indexes.add(place.asLong());
                }
            }
        }
        long next = body.get("next") instanceof JsonNumber number && number.isLong() ? number.asLong() : -1;
        return new Slice(answer.instance(), records, indexes, next);
    }

    /**
     * The newest of all, each log in its own order. Where a log's page is used up and the log has more, nobody knows what is newer, and the
     * page ends.
     */
    private static Page page(List<Slice> slices, int limit, DecisionCursor cursor, Collection<String> missing) {
        int[] used = new int[slices.size()];
        List<JsonObject> taken = new ArrayList<>();
        while (taken.size() < limit) {
            int newest = -1;
            boolean cut = false;
            for (int i = 0; i < used.length; i++) {
                Slice slice = slices.get(i);
                if (used[i] == slice.records().size()) {
                    cut = cut || (slice.next() >= 0 && used[i] > 0);
                } else if (newest < 0 || head(slice, used[i]).isAfter(head(slices.get(newest), used[newest]))) {
                    newest = i;
                }
            }
            if (cut || newest < 0) {
                break;
            }
            taken.add(slices.get(newest).records().get(used[newest]++));
        }
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("decisions", new JsonArray(List.copyOf(taken)));
        members.put("cursor", Answers.text(next(slices, used, cursor)));
        members.put("missing", Answers.strings(missing));
        return new Page(new JsonObject(members), text(taken, missing));
    }

    private static Instant head(Slice slice, int place) {
        try {
            return Instant.parse(String.valueOf(slice.records().get(place).string("time")));
        } catch (DateTimeException noTime) {
            return Instant.MAX;
        }
    }

    /** Where each log goes on; null where none has more. */
    private static @Nullable String next(List<Slice> slices, int[] used, DecisionCursor cursor) {
        Map<String, Long> before = new HashMap<>(cursor.before());
        boolean more = false;
        for (int i = 0; i < used.length; i++) {
            Slice slice = slices.get(i);
            boolean all = used[i] == slice.records().size();
            if (all) {
                before.put(slice.instance(), slice.next());
            } else if (used[i] > 0) {
                before.put(slice.instance(), slice.indexes().get(used[i] - 1));
            }
            more = more || !all || slice.next() >= 0;
        }
        return more ? new DecisionCursor(before).write() : null;
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
