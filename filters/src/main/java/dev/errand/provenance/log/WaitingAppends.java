package dev.errand.provenance.log;

import dev.errand.loop.EndOfTurn;
import dev.errand.provenance.log.FileProvenanceLog.Append;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The appends that wait for the thread that writes: bounded, and without a lock, so that only the first of a batch has to
 * wake it, at the end of its event loop's turn. Any thread may offer; only the writer takes.
 */
final class WaitingAppends {
    private static final Logger LOG = LoggerFactory.getLogger(WaitingAppends.class);

    private final Queue<Append> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();
    private final AtomicBoolean asleep = new AtomicBoolean();
    private final int capacity;
    private final Thread writer;
    private final Runnable wake = this::wake;

    /** @param capacity the most that may wait, 1 or more */
    WaitingAppends(int capacity, Thread writer) {
        this.capacity = capacity;
        this.writer = writer;
    }

    /** Whether it was taken in; false if as many as may are waiting. */
    boolean offer(Append append, EndOfTurn turn) {
        if (size.incrementAndGet() > capacity) {
            size.decrementAndGet();
            return false;
        }
        queue.add(append);
        turn.defer(wake);
        return true;
    }

    /** Takes one back; false if the writer has it already. */
    boolean remove(Append append) {
        boolean removed = queue.remove(append);
        if (removed) {
            size.decrementAndGet();
        }
        return removed;
    }

    /** Wakes the writer if it waits. */
    void wake() {
        if (asleep.get() && asleep.compareAndSet(true, false)) {
            LockSupport.unpark(writer);
        }
    }

    @Nullable Append poll() {
        Append next = queue.poll();
        if (next != null) {
            size.decrementAndGet();
        }
        return next;
    }

    /** The next one; null if none came in that time or the writer was woken without. */
    @Nullable Append await(long atMostMillis) {
        Append next = poll();
        if (next != null) {
            return next;
        }
        asleep.set(true);
        // Whoever offers after this look sees the writer asleep.
        if (queue.isEmpty()) {
            LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(atMostMillis));
        }
        asleep.set(false);
        if (Thread.interrupted()) {
            LOG.warn("the writer does not stop when interrupted; close the log");
        }
        return poll();
    }
}
