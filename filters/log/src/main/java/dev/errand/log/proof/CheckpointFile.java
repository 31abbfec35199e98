package dev.errand.log.proof;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A checkpoint as read from a file; its signatures are not yet verified.
 *
 * @param bytes the whole file
 */
public record CheckpointFile(byte[] bytes, SignedNote note, Checkpoint checkpoint) {
    public static final String NAME = "checkpoint";

    /** The newest checkpoint that enough witnesses cosigned, beside {@link #NAME}. */
    public static final String WITNESSED = "checkpoint.witnessed";

    /** Reads a file; throws an {@link UnusableLogException} if it is not a checkpoint. */
    public static CheckpointFile read(Path file) throws IOException {
        if (Files.size(file) > SignedNote.MAX_LENGTH) {
            throw new UnusableLogException(file + ": too long for a checkpoint");
        }
        byte[] bytes = Files.readAllBytes(file);
        Optional<SignedNote> note = SignedNote.parse(bytes);
        Optional<Checkpoint> checkpoint = note.flatMap(Checkpoint::parse);
        if (note.isEmpty() || checkpoint.isEmpty()) {
            throw new UnusableLogException(file + ": not a checkpoint (a C2SP signed note of origin, size and root)");
        }
        return new CheckpointFile(bytes, note.get(), checkpoint.get());
    }

    public static Optional<CheckpointFile> readIfPresent(Path directory) throws IOException {
        return readIfPresent(directory, NAME);
    }

    /** Reads {@link #NAME} or {@link #WITNESSED}; empty if there is no such file. */
    public static Optional<CheckpointFile> readIfPresent(Path directory, String name) throws IOException {
        Path file = directory.resolve(name);
        return Files.exists(file) ? Optional.of(read(file)) : Optional.empty();
    }

    /** Signs and writes the head of the tree. */
    public static void write(Path directory, String origin, TileTree tree, CheckpointSigner signer) throws IOException {
        byte[] text = Checkpoint.of(origin, tree).text();
        DurableFile.write(directory.resolve(NAME), signed(text, origin, signer));
        DurableFile.forceNames(directory);
    }

    static byte[] signed(byte[] text, String origin, CheckpointSigner signer) throws IOException {
        byte[] signature;
        try {
            signature = signer.sign().apply(text);
        } catch (RuntimeException e) {
            throw new IOException("the checkpoint could not be signed", e);
        }
        return SignedNote.write(text, origin, signer.publicKey(), signature);
    }
}
