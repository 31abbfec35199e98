package dev.errand.autoconfigure;

import dev.errand.state.redis.link.RedisLink;
import org.springframework.context.SmartLifecycle;

/**
 * Takes the store's connections off the server's event loops when the replica stops: after the server, whose calls need them, and
 * before the loops, which end only when nothing happens on them any more.
 */
public final class LeaveLoopsAtStop implements SmartLifecycle {
    private final RedisLink link;
    private volatile boolean running;

    public LeaveLoopsAtStop(RedisLink link) {
        this.link = link;
    }

    @Override
    public void start() {
        link.joinLoops();
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        link.leaveLoops();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        // The loops' own (ReactorResourceFactory) is 0, and higher ones stop first.
        return 1;
    }
}
