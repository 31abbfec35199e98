package dev.errand.web.refusal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** How many calls this replica decided in each of the last {@value #MINUTES} minutes. Thread-safe, never blocking. */
public final class LastHour {
    /** How many minutes are kept, the running one included. */
    public static final int MINUTES = 60;

    private static final long MINUTE_MILLIS = 60_000;

    private final LongSupplier millis;
    private final AtomicReferenceArray<Slot> slots = new AtomicReferenceArray<>(MINUTES);

    /** The counts of one minute since the epoch. */
    private record Slot(long minute, LongAdder permitted, LongAdder refused, LongAdder waiting) {
        Slot(long minute) {
            this(minute, new LongAdder(), new LongAdder(), new LongAdder());
        }
    }

    /**
     * The counts of one minute.
     *
     * @param beginMillis when it began, epoch milliseconds
     * @param waiting calls that met a request for approval that was open already
     */
    public record Minute(long beginMillis, long permitted, long refused, long waiting) {}

    /** @param millis the time in epoch milliseconds */
    LastHour(LongSupplier millis) {
        this.millis = millis;
    }

    void permitted() {
        now().permitted().increment();
    }

    void refused() {
        now().refused().increment();
    }

    void waiting() {
        now().waiting().increment();
    }

    private Slot now() {
        long minute = millis.getAsLong() / MINUTE_MILLIS;
        int at = (int) (minute % MINUTES);
        Slot slot = slots.get(at);
        while (slot == null || slot.minute() < minute) {
            Slot fresh = new Slot(minute);
            slot = slots.compareAndSet(at, slot, fresh) ? fresh : slots.get(at);
        }
        // A clock that was set back counts in the newest minute of this place.
        return slot;
    }

    /** All minutes, the oldest first; the last one still runs. */
    public List<Minute> minutes() {
        long last = millis.getAsLong() / MINUTE_MILLIS;
        List<Minute> minutes = new ArrayList<>(MINUTES);
        for (long minute = last - MINUTES + 1; minute <= last; minute++) {
            Slot slot = slots.get((int) (minute % MINUTES));
            boolean counted = slot != null && slot.minute() == minute;
            minutes.add(new Minute(
                    minute * MINUTE_MILLIS,
                    counted ? slot.permitted().sum() : 0,
                    counted ? slot.refused().sum() : 0,
                    counted ? slot.waiting().sum() : 0));
        }
        return minutes;
    }
}
