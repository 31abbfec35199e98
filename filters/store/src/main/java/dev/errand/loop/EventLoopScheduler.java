package dev.errand.loop;

import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * An event loop as a scheduler that knows the end of the loop's turn. A task without delay goes directly into the
 * loop's queue; Reactor's own scheduler for executors would first make two futures of it. Tasks run in the order in
 * which they come. Disposing the scheduler does not stop the loop. Thread-safe.
 */
public final class EventLoopScheduler implements Scheduler, EndOfTurn {
    private static final Logger LOG = LoggerFactory.getLogger(EventLoopScheduler.class);

    private final EventExecutor loop;
    private final Scheduler delayed;

    // used on the loop only
    private final List<Runnable> deferred = new ArrayList<>(2);
    private final List<Runnable> afterwards = new ArrayList<>();
    private boolean turnEnds;

    public EventLoopScheduler(EventExecutor loop) {
        this.loop = loop;
        this.delayed = Schedulers.fromExecutorService(loop);
    }

    /** A task in the queue. It does nothing if it was disposed before its turn. */
    private static final class Task implements Runnable, Disposable {
        private final Runnable work;
        private volatile boolean disposed;

        Task(Runnable work) {
            this.work = work;
        }

        @Override
        public void run() {
            if (!disposed) {
                try {
                    work.run();
                } finally {
                    disposed = true;
                }
            }
        }

        @Override
        public void dispose() {
            disposed = true;
        }

        @Override
        public boolean isDisposed() {
            return disposed;
        }
    }

    @Override
    public Disposable schedule(Runnable work) {
        Task task = new Task(Schedulers.onSchedule(work));
        loop.execute(task);
        return task;
    }

    @Override
    public Disposable schedule(Runnable work, long delay, TimeUnit unit) {
        return delayed.schedule(work, delay, unit);
    }

    @Override
    public Disposable schedulePeriodically(Runnable work, long initialDelay, long period, TimeUnit unit) {
        return delayed.schedulePeriodically(work, initialDelay, period, unit);
    }

    @Override
    public Worker createWorker() {
        return delayed.createWorker();
    }

    /** The loop itself. */
    public EventExecutor loop() {
        return loop;
    }

    @Override
    public boolean isHere() {
        return loop.inEventLoop();
    }

    @Override
    public void defer(Runnable work) {
        if (!endsTurn()) {
            work.run();
            return;
        }
        for (int i = 0; i < deferred.size(); i++) {
            if (deferred.get(i) == work) {
                return;
            }
        }
        deferred.add(work);
    }

    @Override
    public void afterwards(Runnable work) {
        if (endsTurn()) {
            afterwards.add(work);
        } else {
            work.run();
        }
    }

    /**
     * Whether the caller is on the loop, and the loop still accepts the task that ends the turn: a stopping loop does
     * not.
     */
    private boolean endsTurn() {
        if (!loop.inEventLoop()) {
            return false;
        }
        if (!turnEnds) {
            try {
                loop.execute(this::endTurn);
                turnEnds = true;
            } catch (RejectedExecutionException stopping) {
                return false;
            }
        }
        return true;
    }

    private void endTurn() {
        List<Runnable> due = new ArrayList<>(deferred);
        due.addAll(afterwards);
        deferred.clear();
        afterwards.clear();
        turnEnds = false;
        for (Runnable work : due) {
            try {
                work.run();
            } catch (RuntimeException | Error bug) {
                LOG.error("work at the end of a turn failed", bug);
            }
        }
    }
}
