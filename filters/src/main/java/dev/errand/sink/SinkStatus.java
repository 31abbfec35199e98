package dev.errand.sink;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a sink fares.
 *
 * @param lag records that the log has and the sink has not
 * @param delivered records delivered by this process
 * @param failures failed attempts of this process
 * @param missing records that were gone from the log before they could be delivered
 * @param failing why the last attempt failed, or null if it did not
 * @param since when the present state, failing or not, began
 */
public record SinkStatus(
        long lag,
        long delivered,
        long failures,
        long missing,
        @Nullable String failing,
        Instant since) {}
