package dev.errand.gateway.operator;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.provenance.RecordFields;
import dev.errand.provenance.log.LogReader;
import dev.errand.text.TextPage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * The tasks that this replica decided about lately, the latest first, and how each stands in the store now. Thread-safe; the
 * log is read off the event loop.
 */
record RecentTasks(Path log, TaskTrees trees) {
    /** The most records that are looked through. */
    private static final int MAX_RECORDS = 5_000;

    /** The most tasks that are told, and asked the store about. */
    private static final int MAX_TASKS = 100;

    private static final int AT_ONCE = 8;

    /** Never empty; without a task the list is. */
    Mono<Optional<Page>> page() {
        return Mono.fromCallable(this::latest)
                .subscribeOn(Schedulers.boundedElastic())
                .flatMapMany(Flux::fromIterable)
                .flatMapSequential(
                        decision ->
                                trees.state(decision).defaultIfEmpty("unknown").map(state -> told(decision, state)),
                        AT_ONCE)
                .collectList()
                .map(tasks -> Optional.of(
                        new Page(new JsonObject(Map.of("tasks", new JsonArray(List.copyOf(tasks)))), text(tasks))));
    }

    /** The latest decision of each task. */
    private List<JsonObject> latest() throws IOException {
        List<LogReader.Entry> entries = new ArrayList<>(new LogReader(log).newest(MAX_RECORDS));
        Collections.reverse(entries);
        Map<String, JsonObject> byTask = new LinkedHashMap<>();
        for (LogReader.Entry entry : entries) {
            String task = entry.json().string("task");
            if (task != null && "decision".equals(entry.json().string("kind")) && byTask.size() < MAX_TASKS) {
                byTask.putIfAbsent(task, entry.json());
            }
        }
        return List.copyOf(byTask.values());
    }

    private static JsonObject told(JsonObject decision, String state) {
        List<JsonObject> agents = RecordFields.agents(decision);
        JsonObject human = decision.object("human");
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("task", text(decision.string("task")));
        members.put("state", new JsonString(state));
        members.put("template", text(decision.string("template")));
        members.put("human", human == null ? JsonNull.NULL : human);
        members.put("anchor", text(decision.string("anchor")));
        members.put("agent", text(agents.isEmpty() ? null : agents.get(0).string("sub")));
        members.put("last", text(decision.string("time")));
        members.put("decision", text(decision.string("decision")));
        return new JsonObject(members);
    }

    private static JsonValue text(@Nullable String value) {
        return value == null ? JsonNull.NULL : new JsonString(value);
    }

    private static String text(List<JsonObject> tasks) {
        TextPage page = new TextPage();
        for (JsonObject task : tasks) {
            page.line(
                    task.string("last"),
                    "  ",
                    task.string("task"),
                    "  ",
                    task.string("state"),
                    "  ",
                    task.string("template"));
        }
        return page.toString();
    }
}
