package dev.errand.server;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;

/**
 * How many files the process may have open, and how many it had when this was read.
 *
 * @param max {@code ulimit -n}
 * @param open the open descriptors: files, connections and others
 */
record FileLimit(long max, long open) {
    /** The descriptors kept for the operator's port, the log, the store, and files that are read from time to time. */
    private static final int RESERVED = 64 + ServerConnections.OPERATOR_CONNECTIONS;

    private static final int FEWEST = 16;

    /** The limit of this process; null if the system does not tell it. */
    static @Nullable FileLimit read() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                ? new FileLimit(system.getMaxFileDescriptorCount(), system.getOpenFileDescriptorCount())
                : null;
    }

    /** How many connections of clients fit: a third of the free descriptors is left for connections to upstreams. */
    int connections() {
        return (int) Math.max(FEWEST, Math.min((max - open - RESERVED) * 2 / 3, Integer.MAX_VALUE));
    }

    /** The limit of open files that this many connections of clients need. */
    long needed(int connections) {
        return (3L * connections + 1) / 2 + open + RESERVED;
    }
}
