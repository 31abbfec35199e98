package dev.errand.web;

import org.slf4j.Marker;
import org.slf4j.MarkerFactory;

/**
 * Markers of the log lines that requests cause. A gateway bounds the lines of each marker by itself, so that lines about strangers
 * do not displace those about verified callers (see its class {@code ClientLines}).
 */
public final class LineMarkers {
    /** A line about a caller whose proof, token or workload identity did not verify. */
    public static final Marker UNVERIFIED = MarkerFactory.getMarker("unverified");

    /** A line about a call of a verified holder. */
    public static final Marker VERIFIED = MarkerFactory.getMarker("verified");

    private LineMarkers() {}
}
