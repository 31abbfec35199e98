package dev.errand.sequence.rule;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks that a rule's tally has room for the values that it notes when a call's outcome is known. If there may be no
 * room by then, the call is refused before it is sent, so that no outcome is lost.
 */
final class TallyCapacity {
    private TallyCapacity() {}

    /**
     * Checks that there is room for the values of the call even if every call that is in flight or unknown adds its values; null if there
     * is.
     *
     * @param call the operations of the call that may add a value
     */
    static @Nullable Breach of(
            Rule rule, TimeWindow within, Tally tally, List<Pair> call, OperationKey key, RuleContext task) {
        if (key.slots().length == 0) {
            return null;
        }
        Tally current = within.roomy(tally, task.nowMillis());
        int free = Tally.MAX_ENTRIES - current.counts().size();
        long most = call.size();
        for (List<Place> other : task.open()) {
            most += other.size();
        }
        if (most <= free) {
            return null;
        }
        Set<Value> fresh = new HashSet<>();
        for (List<Place> other : task.open()) {
            other.forEach(place -> add(fresh, place, current, key));
        }
        call.forEach(pair -> add(fresh, pair.place(), current, key));
        return fresh.size() <= free ? null : Breach.full(rule);
    }

    private static void add(Set<Value> fresh, Place place, Tally current, OperationKey key) {
        if (key.is(place) && !current.has(key.value(place))) {
            fresh.add(key.value(place));
        }
    }

    /** The tally with this time for a value, in the place of an older time. Without a window no time is kept. */
    static Tally came(TimeWindow within, Tally tally, Value value, long atMillis) {
        if (within.isTask()) {
            return tally.has(value) || tally.counts().size() >= Tally.MAX_ENTRIES ? tally : tally.with(value);
        }
        Tally room = within.roomy(tally, atMillis);
        if (!room.has(value) && room.counts().size() >= Tally.MAX_ENTRIES) {
            return room;
        }
        long[] times = room.of(value);
        return times.length > 0 && times[0] >= atMillis ? room : room.with(value, atMillis);
    }
}
