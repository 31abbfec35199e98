package dev.errand.web.refusal;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Decides which refusals by an outage have a log line: for each reason the first one, and then one a minute with the number of
 * those in between. At most {@value #MOST} reasons have lines of their own. All others share theirs. Thread-safe.
 */
public final class OutageLines {
    static final int MOST = 32;

    private static final long PAUSE_NANOS = Duration.ofMinutes(1).toNanos();

    private final LongSupplier nanoTime;
    // guarded by this
    private final Map<String, LastLine> told = new HashMap<>();

    /** @param between the number of refusals since the last line */
    private record LastLine(long atNanos, long between) {}

    /** @param nanoTime a clock that only goes forward */
    public OutageLines(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Takes one refusal. Returns how many had no line since the last one; -1 if this refusal has no line either. */
    public synchronized long take(String reason) {
        long now = nanoTime.getAsLong();
        String kept = told.containsKey(reason) || told.size() < MOST ? reason : "";
        LastLine last = told.get(kept);
        if (last != null && now - last.atNanos() < PAUSE_NANOS) {
            told.put(kept, new LastLine(last.atNanos(), last.between() + 1));
            return -1;
        }
        told.put(kept, new LastLine(now, 0));
        return last == null ? 0 : last.between();
    }
}
