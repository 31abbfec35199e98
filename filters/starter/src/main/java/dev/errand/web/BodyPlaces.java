package dev.errand.web;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The places of the bodies that this replica waits for. Their number is bounded in all, for one task, and for one
 * human. A proof has one place at most, so that a repeated request takes no second one. An owner is remembered only
 * while it has a place. Thread-safe.
 */
final class BodyPlaces {
    private final BodyReader.Bounds bounds;
    private final AtomicInteger taken = new AtomicInteger();
    private final Map<Object, Integer> takenBy = new ConcurrentHashMap<>();

    BodyPlaces(BodyReader.Bounds bounds) {
        this.bounds = bounds;
    }

    /** A place that was taken. Giving it back a second time does nothing. Thread-safe. */
    final class Place {
        private final List<Object> owners;
        private final AtomicBoolean back = new AtomicBoolean();

        private Place(List<Object> owners) {
            this.owners = owners;
        }

        void giveBack() {
            if (back.compareAndSet(false, true)) {
                owners.forEach(BodyPlaces.this::leave);
                taken.decrementAndGet();
            }
        }
    }

    /**
     * Takes a place.
     *
     * @param owner whose body it is; null if the sender is not known: then only the number in all is bounded
     * @return null if a bound is reached
     */
    @Nullable Place take(BodyReader.@Nullable Owner owner) {
        if (!enter(taken, bounds.atOnce())) {
            return null;
        }
        if (owner == null) {
            return new Place(List.of());
        }
        List<Object> entered = new ArrayList<>(3);
        Place place = new Place(entered);
        boolean fits = (!owner.proof().isClaimed() || enter(owner.proof().hash(), 1, entered))
                && enter(owner.task(), bounds.perTask(), entered)
                && enter(owner.human(), bounds.perHuman(), entered);
        if (fits) {
            return place;
        }
        place.giveBack();
        return null;
    }

    /** How many places are taken. */
    int taken() {
        return taken.get();
    }

    private static boolean enter(AtomicInteger count, int most) {
        int now = count.get();
        while (now < most) {
            if (count.compareAndSet(now, now + 1)) {
                return true;
            }
            now = count.get();
        }
        return false;
    }

    private boolean enter(Object owner, int most, List<Object> entered) {
        AtomicBoolean fits = new AtomicBoolean();
        takenBy.compute(owner, (key, count) -> {
            int now = count == null ? 0 : count;
            fits.setPlain(now < most);
            return now < most ? Integer.valueOf(now + 1) : count;
        });
        if (fits.getPlain()) {
            entered.add(owner);
        }
        return fits.getPlain();
    }

    private void leave(Object owner) {
        takenBy.computeIfPresent(owner, (key, count) -> count > 1 ? Integer.valueOf(count - 1) : null);
    }
}
