package dev.errand.log.proof;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells which records of a log are kept: a checkpoint (C2SP tlog-checkpoint) with the extension line {@code first N}.
 * The records before number N were removed on purpose; the tree still contains them. Immutable.
 *
 * @param checkpoint a checkpoint of the log, from before the records were removed
 * @param first the index of the first record that is kept, at most the checkpoint's size
 */
public record Retained(Checkpoint checkpoint, long first) {
    private static final Pattern TEXT = Pattern.compile("([^\n]*\n[^\n]*\n[^\n]*\n)first (0|[1-9][0-9]{0,17})\n");

    public Retained {
        if (first < 0 || first > checkpoint.size()) {
            throw new IllegalArgumentException("first must be 0.." + checkpoint.size() + ", was " + first);
        }
    }

    /** Reads the text of a note; empty if it is no such note. */
    public static Optional<Retained> parse(SignedNote note) {
        Matcher matcher = TEXT.matcher(note.text());
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long first = Long.parseLong(matcher.group(2));
        return Checkpoint.parse(new SignedNote(matcher.group(1), note.signatures()))
                .filter(checkpoint -> first <= checkpoint.size())
                .map(checkpoint -> new Retained(checkpoint, first));
    }

    /** The text of the note; the signatures cover these bytes. */
    public byte[] text() {
        return (new String(checkpoint.text(), StandardCharsets.UTF_8) + "first " + first + "\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Whether a tile serves only removed records, and no proof of a kept one. */
    public static boolean isSpare(Tile tile, long first) {
        return tile.index() < lowestTile(first, tile.level());
    }

    /** The index of the lowest tile of a level that proofs of kept records need. */
    public static long lowestTile(long first, int level) {
        return level >= 7 ? 0 : first >>> (8 * (level + 1));
    }
}
