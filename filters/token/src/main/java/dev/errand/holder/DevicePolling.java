package dev.errand.holder;

import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * When a client asks again whether a human has decided (RFC 8628 section 3.5). A wait that ends without an answer, also by the end
 * of this process, withdraws what was asked for. Blocks its thread. Not thread-safe.
 */
public final class DevicePolling implements AutoCloseable {
    private static final long INTERVAL = 5;
    private static final long LONGEST_INTERVAL = 60;
    private static final int TOO_MANY = 429;
    private static final int AWAY = 503;

    private final long seconds;
    private final long endNanos;
    private final Pause pause;
    private final @Nullable Runnable withdraw;
    private final Thread withdrawal;
    private long interval;
    private boolean answered;

    /** The time between two questions. */
    public interface Pause {
        /** A sleep that nothing but an interrupt ends. */
        Pause SLEEP = seconds -> {
            TimeUnit.SECONDS.sleep(seconds);
            return false;
        };

        /** Waits for so many seconds, or until nobody waits for the answer any more, and returns whether that is so. */
        boolean isOver(long seconds) throws InterruptedException;
    }

    /**
     * Begins to wait for something that cannot be withdrawn.
     *
     * @param answer of the device authorization endpoint, with {@code interval} and {@code expires_in}
     * @param longest the seconds to wait if the answer does not say, and at most
     */
    public DevicePolling(JsonObject answer, long longest) {
        this(answer, longest, Pause.SLEEP, null);
    }

    /**
     * Begins to wait.
     *
     * @param withdraw tells the server that nobody waits any more; what it throws is lost
     */
    public DevicePolling(JsonObject answer, long longest, Pause pause, @Nullable Runnable withdraw) {
        this.interval = seconds(answer, "interval", INTERVAL);
        this.seconds = Math.min(longest, seconds(answer, "expires_in", longest));
        this.endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        this.pause = pause;
        this.withdraw = withdraw;
        this.withdrawal = new Thread(this::withdraw, "errand-withdraw");
        if (withdraw != null) {
            Runtime.getRuntime().addShutdownHook(withdrawal);
        }
    }

    private void withdraw() {
        try {
            if (withdraw != null) {
                withdraw.run();
            }
        } catch (RuntimeException unreachable) {
            // The request ends by itself.
        }
    }

    private static long seconds(JsonObject answer, String name, long otherwise) {
        return answer.get(name) instanceof JsonNumber number && number.isLong() && number.asLong() > 0
                ? number.asLong()
                : otherwise;
    }

    /**
     * Waits until the next question. Returns false if the time is over.
     *
     * @throws AgentException if nobody waits for the answer any more
     */
    public boolean next() {
        if (System.nanoTime() - endNanos >= 0) {
            return false;
        }
        try {
            if (pause.isOver(Math.min(interval, LONGEST_INTERVAL))) {
                throw new AgentException("ended before a human decided");
            }
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

    /**
     * Takes note of an answer of the gateway, and returns whether it is the last one: then nothing is left to withdraw.
     *
     * @param error the OAuth error of the answer; empty if there is none
     */
    public boolean isAnswered(int status, String error) {
        if (error.equals("slow_down") || status == TOO_MANY) {
            slower();
        } else {
            answered = status != AWAY && !error.equals("authorization_pending");
        }
        return answered;
    }

    /** How long the wait lasts, in seconds. */
    public long seconds() {
        return seconds;
    }

    /** Ends the wait. */
    @Override
    public void close() {
        try {
            if (Runtime.getRuntime().removeShutdownHook(withdrawal) && !answered) {
                withdraw();
            }
        } catch (IllegalStateException ending) {
            // The end of the process withdraws it.
        }
    }
}
