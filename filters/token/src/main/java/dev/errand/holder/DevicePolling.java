package dev.errand.holder;

import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import java.util.concurrent.TimeUnit;

/** When a client asks again whether a human has decided (RFC 8628 section 3.5). Blocks its thread. Not thread-safe. */
public final class DevicePolling {
    private static final long INTERVAL = 5;
    private static final long LONGEST_INTERVAL = 60;

    private final long seconds;
    private final long endNanos;
    private long interval;

    /**
     * Begins to wait.
     *
     * @param answer of the device authorization endpoint, with {@code interval} and {@code expires_in}
     * @param longest the seconds to wait if the answer does not say, and at most
     */
    public DevicePolling(JsonObject answer, long longest) {
        this.interval = seconds(answer, "interval", INTERVAL);
        this.seconds = Math.min(longest, seconds(answer, "expires_in", longest));
        this.endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    }

    private static long seconds(JsonObject answer, String name, long otherwise) {
        return answer.get(name) instanceof JsonNumber number && number.isLong() && number.asLong() > 0
                ? number.asLong()
                : otherwise;
    }

    /** Sleeps until the next question. Returns false if the time is over. */
    public boolean next() {
        if (System.nanoTime() - endNanos >= 0) {
            return false;
        }
        try {
            TimeUnit.SECONDS.sleep(Math.min(interval, LONGEST_INTERVAL));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AgentException("interrupted");
        }
        return true;
    }

    /** The server said {@code slow_down}: five more seconds between two questions. */
    public void slower() {
        interval += INTERVAL;
    }

    /** How long the wait lasts, in seconds. */
    public long seconds() {
        return seconds;
    }
}
