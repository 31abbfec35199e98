package dev.errand.agent.call;

import java.util.ArrayDeque;

/**
 * How much memory the parts of uploads may take that wait for their checksums: 24 MiB, whoever comes later waits. Used on the
 * event loop only.
 */
public final class PartRoom {
    private static final long MOST = 24 << 20;

    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private long left = MOST;

    private record Waiting(long size, Runnable go) {}

    /** Runs this once there is room. */
    void enter(long size, Runnable go) {
        waiting.add(new Waiting(size, go));
        admit();
    }

    /** Gives the room back; what waits and is not wanted any more is passed over by its own check. */
    void leave(long size) {
        left += size;
        admit();
    }

    private void admit() {
        for (Waiting first = waiting.peek(); first != null && first.size() <= left; first = waiting.peek()) {
            waiting.remove();
            left -= first.size();
            first.go().run();
        }
    }
}
