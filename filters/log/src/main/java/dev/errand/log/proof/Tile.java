package dev.errand.log.proof;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of one tile (C2SP tlog-tiles, "Merkle Tree"): consecutive hashes of one level of the tree.
 *
 * @param level 0 for leaf hashes; each higher level holds the roots of the full tiles below
 * @param index the tile's index within the level
 * @param width the number of hashes: 256 in a full tile, otherwise 1 to 255
 */
public record Tile(int level, long index, int width) {
    /** The number of hashes in a full tile. */
    public static final int FULL = 256;

    /** The length of a full tile, in bytes. */
    public static final int FULL_BYTES = FULL * TreeHasher.LENGTH;

    private static final Pattern PATH =
            Pattern.compile("tile/(0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\\.p/([1-9][0-9]{0,2}))?");

    public Tile {
        if (level < 0 || level > 63 || index < 0 || width < 1 || width > FULL) {
            throw new IllegalArgumentException("not a tile: level " + level + ", index " + index + ", width " + width);
        }
    }

    /** Reads a path in the form of {@link #path}; empty for any other text. */
    public static Optional<Tile> parse(String path) {
        Matcher matcher = PATH.matcher(path);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String digits = matcher.group(2).replace("x", "").replace("/", "");
        int width = matcher.group(3) == null ? FULL : Integer.parseInt(matcher.group(3));
        int level = Integer.parseInt(matcher.group(1));
        if (digits.length() > 18 || level > 63 || width > FULL) {
            return Optional.empty();
        }
        Tile tile = new Tile(level, Long.parseLong(digits), width);
        return tile.path().equals(path) ? Optional.of(tile) : Optional.empty();
    }

    /** The path below the log's directory: {@code tile/0/x001/x234/067.p/5}. */
    public String path() {
        StringBuilder name = new StringBuilder(three(index % 1000));
        for (long rest = index / 1000; rest > 0; rest /= 1000) {
            name.insert(0, "x" + three(rest % 1000) + "/");
        }
        return "tile/" + level + "/" + name + (width == FULL ? "" : ".p/" + width);
    }

    private static String three(long value) {
        String digits = Long.toString(value);
        return "000".substring(digits.length()) + digits;
    }
}
