package dev.errand.sink;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The state of a sink.
 *
 * @param lag how many records of the log the sink does not have yet
 * @param delivered how many records this process delivered
 * @param failures how many attempts of this process failed
 * @param missing how many records were gone from the log before they could be delivered
 * @param failing why the last attempt failed, or null if it did not
 * @param since when the current state, failing or not, began
 */
public record SinkStatus(
        long lag,
        long delivered,
        long failures,
        long missing,
        @Nullable String failing,
        Instant since) {}
