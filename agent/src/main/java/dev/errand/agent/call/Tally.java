package dev.errand.agent.call;

import io.netty.handler.codec.http.HttpResponse;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Counts the permitted and refused calls of each operation, and refusals that name no operation by their code. It
 * counts what the tools were answered. Thread-safe. At most 1,000 names; further ones count as {@code other}.
 */
public final class Tally {
    private static final int MOST_NAMES = 1_000;

    private static final class Count {
        private long permitted;
        private long refused;
    }

    private final Map<String, Count> operations = new TreeMap<>();
    private final Map<String, Count> codes = new TreeMap<>();

    /**
     * Counts an answer that the tool gets. An answer without a decision, such as that for a path without a route, is
     * not counted.
     */
    synchronized void count(HttpResponse head, @Nullable Refusal refusal) {
        String operation = head.headers().get("Errand-Operation");
        if (operation != null) {
            Set<String> named = new LinkedHashSet<>(List.of(operation.strip().split(" +")));
            for (String one : named) {
                Count count = count(operations, one);
                count.permitted += refusal == null ? 1 : 0;
                count.refused += refusal == null ? 0 : 1;
            }
        } else if (refusal != null) {
            count(codes, refusal.code()).refused++;
        }
    }

    private static Count count(Map<String, Count> counts, String name) {
        return counts.computeIfAbsent(counts.size() < MOST_NAMES ? name : "other", unused -> new Count());
    }

    /** One line for each operation, then one for each code. */
    public synchronized List<String> lines() {
        List<String> lines = new ArrayList<>();
        operations.forEach((name, count) ->
                lines.add(name + ": " + count.permitted + " permitted, " + count.refused + " refused"));
        codes.forEach((code, count) -> lines.add(code + ": " + count.refused + " refused"));
        return lines;
    }
}
