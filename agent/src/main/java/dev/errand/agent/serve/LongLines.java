package dev.errand.agent.serve;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Permits for the long lines of all processes that are in memory. If one waits for a permit, the line that has had its own for the
 * longest gives way after a while, so that no client keeps all of them. Thread-safe.
 */
final class LongLines {
    private final Semaphore free;
    private final long patienceNanos;
    private final Queue<Permit> held = new ConcurrentLinkedQueue<>();

    /** @param patience for how long a line may have its permit while another waits */
    LongLines(int most, Duration patience) {
        this.free = new Semaphore(most);
        this.patienceNanos = patience.toNanos();
    }

    /** One line in memory. */
    static final class Permit {
        private final Runnable giveWay;
        private final long sinceNanos = System.nanoTime();

        private Permit(Runnable giveWay) {
            this.giveWay = giveWay;
        }
    }

    /**
     * Waits for a permit.
     *
     * @param giveWay ends the session of the line, which must then {@link #release} the permit
     */
    Permit acquire(Runnable giveWay) throws InterruptedException {
        while (!free.tryAcquire(patienceNanos, TimeUnit.NANOSECONDS)) {
            Permit oldest = held.peek();
            if (oldest != null && System.nanoTime() - oldest.sinceNanos >= patienceNanos && held.remove(oldest)) {
                oldest.giveWay.run();
            }
        }
        Permit permit = new Permit(giveWay);
        held.add(permit);
        return permit;
    }

    void release(Permit permit) {
        held.remove(permit);
        free.release();
    }
}
