package dev.errand.provenance.log.read;

import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the reading of a log tells its operator. It is a class of its own so that the logging library is loaded with the first line: a
 * command that looks one record up writes none, and loading that library takes longer than the whole look. Thread-safe.
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
