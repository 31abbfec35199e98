package dev.errand.web.stage;

import org.springframework.context.SmartLifecycle;

/**
 * Ends WebSockets and event streams when the replica stops, before the server waits for the calls under way. They
 * have no end of their own, and would hold up the stop for as long as the server waits.
 */
final class DrainAtStop implements SmartLifecycle {
    private final LiveCalls live;
    private volatile boolean running;

    DrainAtStop(LiveCalls live) {
        this.live = live;
    }

    @Override
    public void start() {
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        live.drain();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        // Stopped before the web server begins to wait, which is at DEFAULT_PHASE - 1024.
        return SmartLifecycle.DEFAULT_PHASE - 512;
    }
}
