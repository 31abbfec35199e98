package dev.errand.agent.call;

/**
 * How much memory the bodies may take that are kept for another sending: 16 MiB. A body that finds no room is sent once. Used
 * on the event loop only.
 */
public final class KeptRoom {
    private static final long MOST = 16 << 20;

    private long left = MOST;

    /** Takes room; false where there is not so much. */
    boolean enter(long size) {
        if (size > left) {
            return false;
        }
        left -= size;
        return true;
    }

    /** Gives room back. */
    void leave(long size) {
        left += size;
    }
}
