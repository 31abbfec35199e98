package dev.errand.log.write;

import dev.errand.log.proof.CheckpointFile;
import dev.errand.log.proof.CheckpointKeys;
import dev.errand.log.proof.LogDirectories;
import dev.errand.log.proof.LogLock;
import dev.errand.log.proof.LogVerifier;
import dev.errand.log.proof.Retained;
import dev.errand.log.proof.RetainedNote;
import dev.errand.log.proof.Segment;
import dev.errand.log.proof.UnusableLogException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Writes a signed statement of the missing records of a log, after its oldest segments were removed by hand. The log is
 * then good from its first remaining record, and its gateway starts again. A log with any other fault gets no
 * statement.
 */
public final class LogAdoption {
    private LogAdoption() {}

    /**
     * The content of the statement.
     *
     * @param origin the log's name
     * @param first the index of the first record that is there; the records before it are missing
     */
    public record Adopted(String origin, long first) {}

    /**
     * Writes the note {@code retained}. Blocks until all records are verified.
     *
     * @param settings with the keys that sign checkpoints of this log
     * @throws UnusableLogException if a gateway writes the log, if nothing is missing, or if more is wrong; the message
     *     says which
     */
    public static Adopted adopt(Path directory, LogSettings settings) throws IOException {
        LogDirectories.require(directory);
        try (LogLock lock = LogLock.take(directory)) {
            lock.check();
            List<Path> segments = Segment.list(directory);
            if (segments.isEmpty()) {
                throw new UnusableLogException(directory + ": holds no segment: nothing is left to go on from");
            }
            Segment.requireUnlocked(segments.get(segments.size() - 1));
            long first = Segment.firstIndex(segments.get(0));
            Optional<RetainedNote> note = RetainedNote.readIfPresent(directory);
            if (first <= RetainedNote.first(note)) {
                throw new UnusableLogException(
                        directory + ": nothing is missing, or all that is missing is stated already");
            }
            CheckpointFile head = CheckpointFile.read(directory.resolve(CheckpointFile.NAME));
            if (head.checkpoint().size() < first) {
                throw new UnusableLogException(directory + ": its checkpoint covers "
                        + head.checkpoint().size() + " records, and the first that is there is " + first
                        + ": bring the segments before it back");
            }
            CheckpointKeys ours = new CheckpointKeys(settings.ours().get());
            LogVerifier.Report report = LogVerifier.verifyFrom(directory, ours, first);
            if (!report.faults().isEmpty()) {
                throw new UnusableLogException(directory + ": it has other faults than missing records: "
                        + report.faults().get(0));
            }
            RetainedNote.write(
                    directory,
                    new Retained(head.checkpoint(), first),
                    settings.signer().get());
            return new Adopted(head.checkpoint().origin(), first);
        }
    }
}
