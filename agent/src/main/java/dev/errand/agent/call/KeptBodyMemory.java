package dev.errand.agent.call;

/**
 * The memory for bodies that may be sent again: 16 MiB for all calls. A body for which there is too little left is sent
 * once. Used on the event loop only.
 */
public final class KeptBodyMemory {
    private static final long MOST = 16 << 20;

    private long left = MOST;

    /** Takes so many bytes. Returns false if fewer are left. */
    boolean enter(long size) {
        if (size > left) {
            return false;
        }
        left -= size;
        return true;
    }

    /** Gives so many bytes back. */
    void leave(long size) {
        left += size;
    }
}
