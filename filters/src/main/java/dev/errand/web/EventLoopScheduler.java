package dev.errand.web;

import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.TimeUnit;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * An event loop as a scheduler. A task for now, of which every call has a few, goes into the loop's queue as it is; Reactor's
 * own scheduler of an executor would make two futures of it first. Tasks run in the order in which they come. Thread-safe.
 */
final class EventLoopScheduler implements Scheduler {
    private final EventExecutor loop;
    private final Scheduler timed;

    EventLoopScheduler(EventExecutor loop) {
        this.loop = loop;
        this.timed = Schedulers.fromExecutorService(loop);
    }

    /** A task in the queue, unless it is no longer wanted when its turn comes. */
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
    public Disposable schedule(Runnable task) {
        Task queued = new Task(Schedulers.onSchedule(task));
        loop.execute(queued);
        return queued;
    }

    @Override
    public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
        return timed.schedule(task, delay, unit);
    }

    @Override
    public Disposable schedulePeriodically(Runnable task, long initialDelay, long period, TimeUnit unit) {
        return timed.schedulePeriodically(task, initialDelay, period, unit);
    }

    @Override
    public Worker createWorker() {
        return timed.createWorker();
    }
}
