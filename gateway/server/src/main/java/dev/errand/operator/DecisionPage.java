package dev.errand.operator;

import dev.errand.json.JsonValue.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One page of the decisions of all replicas, the newest first. Immutable.
 *
 * @param decisions the decisions; there may be none even if older ones exist
 * @param cursor where the next page begins; null after the last page
 */
record DecisionPage(List<JsonObject> decisions, @Nullable DecisionCursor cursor) {
    DecisionPage {
        decisions = List.copyOf(decisions);
    }

    /**
     * The newest decisions of all slices, those of each log in its own order. The page ends where a log that was not read to its end
     * could hold a newer decision than the next one of the slices.
     *
     * @param asked where this page began
     */
    static DecisionPage of(List<DecisionSlice> slices, int limit, DecisionCursor asked) {
        int[] used = new int[slices.size()];
        List<JsonObject> taken = new ArrayList<>();
        Instant last = null;
        while (taken.size() < limit) {
            int newest = newest(slices, used);
            if (newest < 0) {
                break;
            }
            last = slices.get(newest).time(used[newest]);
            taken.add(slices.get(newest).records().get(used[newest]++));
        }
        return new DecisionPage(taken, next(slices, used, asked, last));
    }

    /** The slice whose next decision is the newest of all; -1 if none is left, or if the unread part of a log may have a newer one. */
    private static int newest(List<DecisionSlice> slices, int[] used) {
        int newest = -1;
        Instant unread = Instant.MIN;
        for (int i = 0; i < used.length; i++) {
            DecisionSlice slice = slices.get(i);
            if (used[i] < slice.records().size()) {
                boolean newer = newest < 0
                        || slice.time(used[i]).isAfter(slices.get(newest).time(used[newest]));
                newest = newer ? i : newest;
            } else if (slice.hasMore()) {
                Instant reached = slice.reached();
                if (reached == null) {
                    return -1;
                }
                unread = reached.isAfter(unread) ? reached : unread;
            }
        }
        return newest >= 0 && slices.get(newest).time(used[newest]).isBefore(unread) ? -1 : newest;
    }

    /** Each log continues after the last record taken from it. A log that gave none has a place too: later pages skip its newer records. */
    private static @Nullable DecisionCursor next(
            List<DecisionSlice> slices, int[] used, DecisionCursor asked, @Nullable Instant last) {
        Map<String, Long> before = new HashMap<>(asked.before());
        boolean more = false;
        for (int i = 0; i < used.length; i++) {
            DecisionSlice slice = slices.get(i);
            boolean all = used[i] == slice.records().size();
            long next = all
                    ? slice.next()
                    : used[i] > 0
                            ? slice.indexes().get(used[i] - 1)
                            : slice.indexes().get(0) + 1;
            before.put(slice.instance(), next);
            more = more || !all || slice.hasMore();
        }
        return more ? new DecisionCursor(before, DecisionCursor.untilOf(last, asked)) : null;
    }
}
