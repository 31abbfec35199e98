package dev.errand.operator;

import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.TextPage;
import dev.errand.log.RecordFields;
import dev.errand.log.read.DecisionQuery;
import dev.errand.log.read.LogReader;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
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
record DecisionListing(Path log, OtherReplicas others, String instance) {
    private static final List<String> FILTERS =
            List.of("resource", "operation", "human", "agent", "task", "since", "until", "outcome");
    private static final Set<String> PARAMETERS = Set.of(
            "resource", "operation", "human", "agent", "task", "since", "until", "outcome", "limit", "cursor", "wait");
    private static final int LIMIT = 100;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    /** One page. */
    public Mono<ServerResponse> answer(ServerRequest request) {
        Parameters asked = Parameters.of(request, PARAMETERS);
        int limit = asked.number("limit", 1, DecisionQuery.MAX_LIMIT, LIMIT);
        DecisionCursor cursor = DecisionCursor.parse(asked.get("cursor"));
        Duration wait = asked.duration("wait", LONGEST_WAIT);
        if (Operator.isReplica(request)) {
            return own(asked, limit, cursor).flatMap(slice -> Answers.json(HttpStatus.OK, slice.told()));
        }
        return search(asked, limit, cursor, wait).flatMap(found -> Answers.page(request, page(found)));
    }

    /** A page of the fleet, and who did not answer. */
    private record Found(DecisionPage page, SortedSet<String> missing) {
        /** This page in the place of an empty one before it. */
        Found behind(Found before) {
            SortedSet<String> all = new TreeSet<>(before.missing);
            all.addAll(missing);
            return new Found(page, all);
        }
    }

    /** @param wait how long the other replicas may take, and how long an empty page is followed by the next; null for two seconds, and one page */
    private Mono<Found> search(Parameters asked, int limit, DecisionCursor cursor, @Nullable Duration wait) {
        if (wait == null) {
            return once(asked, limit, cursor, ReplicaClient.WITHIN);
        }
        long until = System.nanoTime() + wait.toNanos();
        return once(asked, limit, cursor, wait)
                .expand(found -> {
                    DecisionCursor next = found.page().cursor();
                    long left = until - System.nanoTime();
                    return next == null
                                    || left <= 0
                                    || !found.page().decisions().isEmpty()
                            ? Mono.empty()
                            : once(asked, limit, next, Duration.ofNanos(left));
                })
                .reduce((before, next) -> next.behind(before));
    }

    private Mono<Found> once(Parameters asked, int limit, DecisionCursor cursor, Duration within) {
        return Mono.zip(
                own(asked, limit, cursor),
                others.ask(each -> target(asked, limit, each, cursor), "application/json", within),
                (own, all) -> {
                    List<DecisionSlice> slices = new ArrayList<>(List.of(own));
                    all.found().forEach(answer -> slices.add(DecisionSlice.heard(answer)));
                    return new Found(DecisionPage.of(slices, limit, cursor), all.missing());
                });
    }

    private Mono<DecisionSlice> own(Parameters asked, int limit, DecisionCursor cursor) {
        DecisionQuery query = new DecisionQuery(
                asked.get("resource"),
                asked.get("operation"),
                asked.get("human"),
                asked.get("agent"),
                asked.get("task"),
                asked.time("since"),
                cursor.until(instance, asked.time("until")),
                asked.word("outcome", DecisionQuery.OUTCOMES),
                limit,
                Math.max(0, cursor.of(instance)));
        return Mono.fromCallable(() -> DecisionSlice.of(instance, new LogReader(log).decisions(query)))
                .subscribeOn(Schedulers.boundedElastic());
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

    private static Page page(Found found) {
        DecisionPage page = found.page();
        SortedSet<String> missing = found.missing();
        DecisionCursor next = page.cursor();
        String unread = page.decisions().isEmpty() && !missing.isEmpty()
                ? "nothing was found, but the logs of these replicas were not read: " + String.join(", ", missing)
                        + ". They may have such decisions: ask again, with wait=20s if they are only slow"
                : null;
        JsonMembers members = new JsonMembers();
        members.put("decisions", new JsonArray(List.copyOf(page.decisions())));
        members.orNull("cursor", next == null ? null : next.write());
        members.put("missing", missing);
        members.put("detail", unread);
        return new Page(members.toJson(), text(page.decisions(), missing, unread));
    }

    private static String text(List<JsonObject> taken, Collection<String> missing, @Nullable String unread) {
        TextPage text = new TextPage();
        for (JsonObject record : taken) {
            text.line(
                    record.string("time"),
                    "  ",
                    record.string("decision"),
                    "  ",
                    RecordFields.outcome(record),
                    "  ",
                    record.string("task"),
                    "  ",
                    record.string("operation"));
        }
        missing.forEach(instance -> text.line("missing ", instance));
        if (unread != null) {
            text.line(unread);
        }
        return text.toString();
    }
}
