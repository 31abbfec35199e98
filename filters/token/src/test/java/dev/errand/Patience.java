package dev.errand;

import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.time.Duration;

/**
 * Bounds of time that tests hold the product to. A machine with nothing else to do has each as it is written. It grows with the
 * threads that wait for a processor: a busy machine is no fault.
 */
public final class Patience {
    private static final double MOST = 20;

    private Patience() {}

    /** That bound on this machine now. */
    public static Duration of(Duration bound) {
        return Duration.ofNanos((long) (bound.toNanos() * factor()));
    }

    /** How much longer things may take: 1 with nothing else to do. */
    public static double factor() {
        OperatingSystemMXBean machine = ManagementFactory.getOperatingSystemMXBean();
        // The mean of the last minute; negative where a system does not tell it.
        return Math.min(MOST, 1 + Math.max(0, machine.getSystemLoadAverage()) / machine.getAvailableProcessors());
    }
}
