package dev.errand.log.read;

import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Log messages for the operator about reading a log. They are in a class of their own so that the logging library is
 * loaded only with the first message: a command that looks up one record writes none, and loading takes longer than
 * looking up. Thread-safe.
 */
final class ReadingNotes {
    private static final Logger LOG = LoggerFactory.getLogger(LogReader.class);

    private ReadingNotes() {}

    static void noIndex(Path log, IOException why) {
        LOG.debug("{}: no index: {}", log, why.getMessage());
    }

    static void unreadableIndex(Path segment, IOException why) {
        LOG.debug("{}: read without its index: {}", segment, why.getMessage());
    }

    static void damagedIndex(Path index) {
        LOG.warn("{}: damaged; the log itself is read, and the index made anew", index);
    }

    static void notRemoved(Path index, IOException why) {
        LOG.debug("{}: cannot be removed: {}", index, why.getMessage());
    }
}
