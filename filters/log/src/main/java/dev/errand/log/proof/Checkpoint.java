package dev.errand.log.proof;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * The head of a log (C2SP tlog-checkpoint), without its signatures. Immutable.
 *
 * @param origin the log's name; no white space, no plus sign
 * @param size the number of entries in the tree
 * @param root the tree's root hash in standard base64
 */
public record Checkpoint(String origin, long size, String root) {
    public Checkpoint {
        if (!SignedNote.isKeyName(origin)) {
            throw new IllegalArgumentException("an origin has no space and no plus sign, was '" + origin + "'");
        }
    }

    public static Checkpoint of(String origin, TileTree tree) {
        return new Checkpoint(origin, tree.size(), Base64.getEncoder().encodeToString(tree.root()));
    }

    /** Reads the text of a note; empty if it is not a checkpoint, or has extension lines, which we never write. */
    public static Optional<Checkpoint> parse(SignedNote note) {
        String[] lines = note.text().split("\n", -1);
        if (lines.length != 4
                || !lines[3].isEmpty()
                || !SignedNote.isKeyName(lines[0])
                || !lines[1].matches("0|[1-9][0-9]{0,17}")) {
            return Optional.empty();
        }
        return SignedNote.base64(lines[2])
                .filter(hash -> hash.length == TreeHasher.LENGTH)
                .map(hash -> new Checkpoint(lines[0], Long.parseLong(lines[1]), lines[2]));
    }

    /** The text of the note; the signatures cover these bytes. */
    public byte[] text() {
        return (origin + "\n" + size + "\n" + root + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** The root hash's 32 bytes. */
    public byte[] rootHash() {
        return Base64.getDecoder().decode(root);
    }
}
