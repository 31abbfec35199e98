package dev.errand.provenance.log.read;

import dev.errand.provenance.log.file.UnusableLogException;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The records of one log, to be looked up, also while the log is written. Nothing is verified. Thread-safe; blocks on the disk.
 * An {@link UnusableLogException} tells of a directory that holds no log, or of a record that is none.
 */
public interface LogRecords {
    /** The decision's record and, where it was permitted, its outcome's, in order; empty if the log has none. */
    List<LogReader.Entry> decision(String decision) throws IOException;

    /** The task's records of every kind, and the outcomes of its decisions, in order; empty if the log has none. */
    List<LogReader.Entry> task(String task) throws IOException;

    /** The decisions that are asked for, the newest first. */
    Page decisions(DecisionQuery query) throws IOException;

    /**
     * A page of decisions.
     *
     * @param decisions the newest first; maybe none although older ones are there, since a page reads a bounded number of records
     * @param next the {@link DecisionQuery#before} of the next page, or null where the log holds no more
     * @param reached no decision of the next pages is newer; null where there is no next page, or where no time was read
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
