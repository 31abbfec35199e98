package dev.errand.provenance.log.file;

import dev.errand.provenance.merkle.Retained;
import dev.errand.provenance.merkle.SignedNote;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The note {@code retained} of a log's directory, its signatures not yet verified: which record is the first that is kept.
 *
 * @param note as it is signed
 * @param retained what it says
 */
public record RetainedNote(SignedNote note, Retained retained) {
    public static final String NAME = "retained";

    /** The note; empty if the log is whole. An {@link UnusableLogException} if the file is not one. */
    public static Optional<RetainedNote> readIfPresent(Path directory) throws IOException {
        Path file = directory.resolve(NAME);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        if (Files.size(file) > SignedNote.MAX_LENGTH) {
            throw malformed(file);
        }
        Optional<SignedNote> note = SignedNote.parse(Files.readAllBytes(file));
        Optional<Retained> retained = note.flatMap(Retained::parse);
        if (note.isEmpty() || retained.isEmpty()) {
            throw malformed(file);
        }
        return Optional.of(new RetainedNote(note.get(), retained.get()));
    }

    private static UnusableLogException malformed(Path file) {
        return new UnusableLogException(file + ": not a signed note of origin, size, root and 'first N'");
    }

    /** Signs and writes it, as a whole and to disk. */
    public static void write(Path directory, Retained retained, CheckpointSigner signer) throws IOException {
        byte[] note =
                CheckpointFile.signed(retained.text(), retained.checkpoint().origin(), signer);
        DurableFile.write(directory.resolve(NAME), note);
        DurableFile.forceNames(directory);
    }

    /** The first record that is kept: by the note, or 0. */
    public static long first(Optional<RetainedNote> note) {
        return note.map(one -> one.retained().first()).orElse(0L);
    }

    /**
     * What is wrong with the note beside a checkpoint, or empty.
     *
     * @param keys that may have signed it
     */
    public Optional<String> verify(CheckpointKeys keys, String origin) {
        return retained.checkpoint().origin().equals(origin)
                ? keys.verify(note, origin)
                : Optional.of("is of " + retained.checkpoint().origin() + ", the checkpoint of " + origin);
    }
}
