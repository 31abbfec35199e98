package dev.errand.web.stage;

import dev.errand.web.Call;
import dev.errand.web.LineMarkers;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the searches of all answers for credentials share: their count, and a bound of what they hold. Thread-safe. */
final class AnswerSearch {
    /** How many bytes of bodies are held until they are whole; further bodies are searched as they pass. */
    static final long MOST_HELD = 64L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(AnswerSearch.class);

    private final Consumer<Call> count;
    private final LongSupplier nanoTime;
    private final AtomicLong held = new AtomicLong();

    /**
     * @param count counts the answers that held a credential
     * @param nanoTime as {@link System#nanoTime}
     */
    AnswerSearch(Consumer<Call> count, LongSupplier nanoTime) {
        this.count = count;
        this.nanoTime = nanoTime;
    }

    long nanoTime() {
        return nanoTime.getAsLong();
    }

    /** How many bytes are held. */
    long held() {
        return held.get();
    }

    /** An answer held the credential. */
    void found(Call call) {
        count.accept(call);
        LOG.warn(
                LineMarkers.VERIFIED,
                "the upstream's answer repeats the credential that the gateway sent: decision={} route={}",
                call.decision(),
                call.route());
    }

    /** Whether so many more bytes may be held. The caller must {@link #letGo} of them. */
    boolean hold(long bytes) {
        if (held.addAndGet(bytes) <= MOST_HELD) {
            return true;
        }
        held.addAndGet(-bytes);
        return false;
    }

    void letGo(long bytes) {
        held.addAndGet(-bytes);
    }
}
