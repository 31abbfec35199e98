package dev.errand.autoconfigure;

import dev.errand.state.redis.link.RedisLink;
import org.springframework.context.SmartLifecycle;

/**
 * Removes the store's connections from the server's event loops when the replica stops. This comes after the server's
 * stop, since calls need the connections, and before the loops' stop, which waits until nothing happens on the loops.
 */
final class LeaveLoopsAtStop implements SmartLifecycle {
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
        // The phase of the loops (ReactorResourceFactory) is 0. Higher phases stop first.
        return 1;
    }
}
