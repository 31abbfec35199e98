package dev.errand.log.proof;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The note {@code retained} of a log's directory: it says which record is the first that is kept. Its signatures are
 * not yet verified.
 *
 * @param note the note with its signatures
 * @param retained the content of the note
 */
public record RetainedNote(SignedNote note, Retained retained) {
    public static final String NAME = "retained";

    /**
     * Reads the note; empty if no record was removed. Throws an {@link UnusableLogException} if the file is not a note.
     */
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

    /** Signs the note and writes it, as a whole and to disk. */
    public static void write(Path directory, Retained retained, CheckpointSigner signer) throws IOException {
        byte[] note =
                CheckpointFile.signed(retained.text(), retained.checkpoint().origin(), signer);
        DurableFile.write(directory.resolve(NAME), note);
        DurableFile.forceNames(directory);
    }

    /** The index of the first record that is kept, from the note; 0 without a note. */
    public static long first(Optional<RetainedNote> note) {
        return note.map(one -> one.retained().first()).orElse(0L);
    }

    /**
     * Verifies the note beside a checkpoint: returns what is wrong, or empty.
     *
     * @param keys the keys that may have signed the note
     */
    public Optional<String> verify(CheckpointKeys keys, String origin) {
        return retained.checkpoint().origin().equals(origin)
                ? keys.verify(note, origin)
                : Optional.of("is of " + retained.checkpoint().origin() + ", the checkpoint of " + origin);
    }
}
