package dev.errand.log.read;

import dev.errand.log.proof.UnusableLogException;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks up records of one log, also while the log is written. Verifies nothing. Thread-safe; blocks on the disk. Throws
 * an {@link UnusableLogException} if the directory holds no log, or if a line is not a record.
 */
public interface LogRecords {
    /** The record of the decision and, if it was a permit, of its outcome, in order; empty if the log has none. */
    List<LogReader.Entry> decision(String decision) throws IOException;

    /** All records of the task and the outcomes of its decisions, in order; empty if the log has none. */
    List<LogReader.Entry> task(String task) throws IOException;

    /** The decisions that match the query, newest first. */
    Page decisions(DecisionQuery query) throws IOException;

    /**
     * A page of decisions.
     *
     * @param decisions newest first; may be empty although older ones exist, since a page reads a bounded number of
     *     records
     * @param next the {@link DecisionQuery#before} of the next page, or null if the log holds no more
     * @param reached no decision of the next pages is newer; null if there is no next page, or if no time was read
     */
    record Page(
            List<LogReader.Entry> decisions,
            @Nullable Long next,
            @Nullable Instant reached) {
        public Page {
            decisions = List.copyOf(decisions);
        }
    }
}
