package dev.errand.agent;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import sun.misc.Signal;

/**
 * The signals that this process gets. While COMMAND runs, it gets them. Without COMMAND they end the companion.
 * Thread-safe.
 */
final class Signals {
    private static final List<String> NAMES = List.of("INT", "TERM", "HUP", "USR1", "USR2");

    private static final Map<String, Integer> NUMBERS = Map.of("HUP", 1, "INT", 2, "TERM", 15);
    private static final int BY_SIGNAL = 128;

    private volatile String first = "TERM";
    private final CountDownLatch asked = new CountDownLatch(1);
    private final AtomicReference<@Nullable Consumer<String>> receiver = new AtomicReference<>();

    /** Handles the signals of this process from now on. */
    public static Signals taken() {
        Signals signals = new Signals();
        for (String name : NAMES) {
            try {
                Signal.handle(new Signal(name), signal -> signals.came(name));
            } catch (IllegalArgumentException ofTheJvm) {
                // The JVM uses this signal itself.
            }
        }
        return signals;
    }

    /**
     * Handles one signal.
     *
     * @param name without {@code SIG}
     */
    void came(String name) {
        Consumer<String> to = receiver.get();
        if (to != null) {
            to.accept(name);
        } else if (!name.startsWith("USR")) {
            if (!isEnd()) {
                first = name;
            }
            asked.countDown();
        }
    }

    /** The signal that asked the companion to end, without {@code SIG}; {@code TERM} if none has. */
    public String first() {
        return first;
    }

    /** The exit status that shells give a process that was ended by this signal. */
    public int status() {
        return BY_SIGNAL + NUMBERS.getOrDefault(first(), 0);
    }

    /** Whether the companion is asked to end. */
    public boolean isEnd() {
        return asked.getCount() == 0;
    }

    /** Waits until the companion is asked to end. */
    public void awaitEnd() {
        while (!isEnd()) {
            try {
                asked.await();
            } catch (InterruptedException goOn) {
                // Only a signal ends it.
            }
        }
    }

    /** Waits until the companion is asked to end, or for so many seconds, and returns whether it is. */
    public boolean awaitEnd(long seconds) throws InterruptedException {
        return asked.await(seconds, TimeUnit.SECONDS);
    }

    /** Sets the receiver of the signals; without one, null, they end the companion. */
    public void to(@Nullable Consumer<String> next) {
        receiver.set(next);
    }
}
