package dev.errand.provenance.merkle;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is still kept of a log: a checkpoint (C2SP tlog-checkpoint) with the extension line {@code first N}. The records before number N
 * are gone, on purpose; the tree still has them. Immutable.
 *
 * @param checkpoint of the log, from before the records were removed
 * @param first the index of the first record that is kept, at most the checkpoint's size
 */
public record Retained(Checkpoint checkpoint, long first) {
    private static final Pattern TEXT = Pattern.compile("([^\n]*\n[^\n]*\n[^\n]*\n)first (0|[1-9][0-9]{0,17})\n");

    public Retained {
        if (first < 0 || first > checkpoint.size()) {
            throw new IllegalArgumentException("first must be 0.." + checkpoint.size() + ", was " + first);
        }
    }

    /** Reads the text of a note; empty if it is none of these. */
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

    /** The note's text, which is signed. */
    public byte[] text() {
        return (new String(checkpoint.text(), StandardCharsets.UTF_8) + "first " + first + "\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Whether a tile serves records that are gone, and no proof of one that is kept. */
    public static boolean isSpare(Tile tile, long first) {
        return tile.index() < lowestTile(first, tile.level());
    }

    /** The index of the lowest tile of a level that proofs of kept records need. */
    public static long lowestTile(long first, int level) {
        return level >= 7 ? 0 : first >>> (8 * (level + 1));
    }
}
