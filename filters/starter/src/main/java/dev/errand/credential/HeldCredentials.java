package dev.errand.credential;

import dev.errand.task.TaskKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The places of a replica, least recently used first; their number is bounded. Thread-safe; its lock is held briefly. */
final class HeldCredentials {
    /** How many places in use are passed over in the search for an unused one; then the first of them is removed. */
    private static final int LOOKED_AT = 100;

    private final int bound;
    private final LinkedHashMap<Slot, LeaseSlot> places = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<TaskKey, List<LeaseSlot>> byTask = new HashMap<>();

    /** One credential for one task. */
    private record Slot(Minter minter, TaskKey task) {}

    HeldCredentials(int bound) {
        this.bound = bound;
    }

    /**
     * A place, and the places that were removed to make room for it.
     *
     * @param out the least recently used places beyond the bound
     */
    record Found(LeaseSlot place, List<LeaseSlot> out) {}

    /** The place of a task's credential; a new one if there is none. */
    synchronized Found get(Minter minter, TaskKey task, Supplier<LeaseSlot> fresh) {
        Slot slot = new Slot(minter, task);
        LeaseSlot known = places.get(slot);
        if (known != null) {
            return new Found(known, List.of());
        }
        LeaseSlot made = fresh.get();
        places.put(slot, made);
        byTask.computeIfAbsent(task, key -> new ArrayList<>(1)).add(made);
        List<LeaseSlot> out = new ArrayList<>();
        while (places.size() > bound) {
            LeaseSlot least = leastUsed(made);
            places.remove(new Slot(least.of.minter(), least.task.key()));
            drop(least);
            out.add(least);
        }
        return new Found(made, out);
    }

    /** The least recently used place that no call has; the first place of all if the search finds none. */
    private LeaseSlot leastUsed(LeaseSlot made) {
        LeaseSlot first = made;
        int looked = 0;
        for (LeaseSlot place : places.values()) {
            if (place == made) {
                continue;
            }
            if (!place.isInUse()) {
                return place;
            }
            first = first == made ? place : first;
            if (++looked == LOOKED_AT) {
                break;
            }
        }
        return first;
    }

    private void drop(LeaseSlot place) {
        TaskKey task = place.task.key();
        List<LeaseSlot> left = byTask.get(task);
        if (left != null) {
            left.remove(place);
            if (left.isEmpty()) {
                byTask.remove(task);
            }
        }
    }

    /** Removes a place; false if it was removed before. */
    synchronized boolean remove(LeaseSlot place) {
        boolean there = places.remove(new Slot(place.of.minter(), place.task.key()), place);
        if (there) {
            drop(place);
        }
        return there;
    }

    synchronized boolean has(TaskKey task) {
        return byTask.containsKey(task);
    }

    synchronized List<LeaseSlot> of(TaskKey task) {
        return List.copyOf(byTask.getOrDefault(task, List.of()));
    }

    synchronized List<LeaseSlot> all() {
        return List.copyOf(places.values());
    }

    synchronized int count(String kind) {
        int count = 0;
        for (LeaseSlot place : places.values()) {
            count += place.lease() != null && place.of.minter().kind().equals(kind) ? 1 : 0;
        }
        return count;
    }
}
