package dev.errand.agent.call;

import java.util.ArrayDeque;

/**
 * The memory for parts of S3 uploads that wait for their checksums: 24 MiB for all calls. A part for which there is too
 * little left waits for its turn. Used on the event loop only.
 */
public final class PartMemory {
    private static final long MOST = 24 << 20;

    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private long left = MOST;

    private record Waiting(long size, Runnable go) {}

    /** Takes so many bytes, when they are free, and then runs {@code go}. */
    void enter(long size, Runnable go) {
        waiting.add(new Waiting(size, go));
        admit();
    }

    /** Gives so many bytes back. A waiting part that nobody wants any more is admitted too, and leaves at once. */
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
