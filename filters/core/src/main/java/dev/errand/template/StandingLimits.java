package dev.errand.template;

import java.time.Duration;

/**
 * The ceiling of a standing errand: one human allows many runs of a task ({@code standing}).
 *
 * @param runs how many runs a human may allow at once, 1 or more
 * @param within how long after it was allowed the last run may start
 * @param atOnce how many runs may be active at a time, 1 or more
 */
public record StandingLimits(int runs, Duration within, int atOnce) {}
