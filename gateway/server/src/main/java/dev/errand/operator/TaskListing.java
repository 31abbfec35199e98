package dev.errand.operator;

import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.TextPage;
import dev.errand.operator.Parameters.UnfitException;
import dev.errand.state.FleetTask;
import dev.errand.state.IndexPage;
import dev.errand.state.IndexQuery;
import dev.errand.state.IndexedTask;
import dev.errand.state.redis.IndexReader;
import dev.errand.task.TaskState;
import dev.errand.token.Base64Url;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.web.reactive.function.server.ServerRequest;
import reactor.core.publisher.Mono;

/** {@code GET /tasks}: the tasks of the whole fleet; every replica answers the same. Thread-safe, never blocking. */
record TaskListing(IndexReader index) {
    private static final Set<String> PARAMETERS =
            Set.of("state", "template", "human", "agent", "near", "limit", "cursor");
    private static final Set<String> STATES =
            Arrays.stream(TaskState.values()).map(TaskState::wire).collect(Collectors.toUnmodifiableSet());

    private static final int LIMIT = 100;
    private static final int MOST = 1_000;

    /** Less than the 100 ms after which a page is answered with what was found. */
    private static final long WITHIN_MILLIS = 80;

    public Mono<Page> page(ServerRequest request) {
        IndexQuery query = query(Parameters.of(request, PARAMETERS));
        return index.page(query).map(TaskListing::page);
    }

    private static IndexQuery query(Parameters asked) {
        String state = asked.word("state", STATES);
        Double near = near(asked.get("near"));
        Predicate<FleetTask> further = task -> {
            long now = System.currentTimeMillis();
            TaskState stands = state == null ? null : task.state(now);
            return (state == null || (stands != null && stands.wire().equals(state)))
                    && (near == null || task.used(now) >= near);
        };
        return new IndexQuery(
                asked.get("template"),
                asked.get("human"),
                asked.get("agent"),
                further,
                asked.number("limit", 1, MOST, LIMIT),
                below(asked.get("cursor")),
                WITHIN_MILLIS);
    }

    private static @Nullable Double near(@Nullable String text) {
        if (text == null) {
            return null;
        }
        if (text.matches("0|1|[01]?\\.[0-9]{1,6}") && Double.parseDouble(text) <= 1) {
            return Double.parseDouble(text);
        }
        throw new UnfitException("'near' must be a share from 0 to 1, such as 0.8");
    }

    private static @Nullable String below(@Nullable String cursor) {
        if (cursor == null) {
            return null;
        }
        byte[] bytes = Base64Url.decode(cursor);
        String member = bytes == null ? "" : new String(bytes, StandardCharsets.US_ASCII);
        if (!IndexedTask.isMember(member)) {
            throw new UnfitException("'cursor' must be the cursor of the page before; leave it out for the first page");
        }
        return member;
    }

    private static Page page(IndexPage found) {
        List<TaskRow> rows = found.tasks().stream()
                .map(task -> new TaskRow(task, found.nowMillis()))
                .toList();
        JsonMembers members = new JsonMembers();
        members.put(
                "tasks",
                new JsonArray(rows.stream().map(row -> (JsonValue) row.toJson()).toList()));
        String below = found.below();
        members.orNull("cursor", below == null ? null : Base64Url.encode(below.getBytes(StandardCharsets.US_ASCII)));
        TextPage text = new TextPage();
        rows.forEach(row -> text.line((Object[]) row.toText()));
        return new Page(members.toJson(), text.toString());
    }
}
