package dev.errand.provenance.log;

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
 * The appends that wait to be written: bounded, and without a lock, so that only the first of a batch has to wake the log's
 * thread where that is to write it. Any thread may offer and take; only the log's thread waits.
 */
final class WaitingAppends {
    private static final Logger LOG = LoggerFactory.getLogger(WaitingAppends.class);

    private final Queue<Append> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();
    private final AtomicBoolean asleep = new AtomicBoolean();
    private final int capacity;
    private volatile boolean ending;
    private final Thread writer;

    /** @param capacity the most that may wait, 1 or more */
    WaitingAppends(int capacity, Thread writer) {
        this.capacity = capacity;
        this.writer = writer;
    }

    /** Whether it was taken in; false if as many as may are waiting. Whoever is to write it must be told. */
    boolean offer(Append append) {
        if (size.incrementAndGet() > capacity) {
            size.decrementAndGet();
            return false;
        }
        queue.add(append);
        return true;
    }

    /** Takes one back; false if somebody has it already. */
    boolean remove(Append append) {
        boolean removed = queue.remove(append);
        if (removed) {
            size.decrementAndGet();
        }
        return removed;
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    /** Wakes the log's thread if it waits. */
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

    /** From now on the log's thread waits no more. */
    void end() {
        ending = true;
        wake();
    }

    /** Waits until there is one, for the log's thread; false if none came in that time or it was woken without. */
    boolean await(long atMostMillis) {
        if (!queue.isEmpty()) {
            return true;
        }
        asleep.set(true);
        // Whoever offers after this look sees the thread asleep.
        if (queue.isEmpty() && !ending) {
            LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(atMostMillis));
        }
        asleep.set(false);
        if (Thread.interrupted()) {
            LOG.warn("the log's thread does not stop when interrupted; close the log");
        }
        return !queue.isEmpty();
    }
}
