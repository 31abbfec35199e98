package dev.errand.log.proof;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The hash tiles below a log's directory (C2SP tlog-tiles). Not thread-safe. */
public record TileStore(Path directory) {
    /** Writes a tile; a full tile replaces its partial ones. */
    public void write(Tile tile, byte[] hashes) throws IOException {
        Path file = directory.resolve(tile.path());
        LogDirectories.require(directory);
        try {
            DurableFile.write(file, hashes);
        } catch (NoSuchFileException first) {
            // The directory is missing only for its first tile, so it is made only on failure.
            Files.createDirectories(file.getParent());
            DurableFile.write(file, hashes);
        }
        if (tile.width() == Tile.FULL) {
            deletePartials(file.resolveSibling(file.getFileName() + ".p"));
        }
    }

    private static void deletePartials(Path partials) throws IOException {
        if (!Files.isDirectory(partials)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(partials)) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(partials);
    }

    /** Reads a tile, or its hashes from a wider tile of the same place; throws an IOException if neither is there. */
    public byte[] read(Tile tile) throws IOException {
        Path file = directory.resolve(tile.path());
        Path full = directory.resolve(new Tile(tile.level(), tile.index(), Tile.FULL).path());
        Path found = Files.exists(file) ? file : Files.exists(full) ? full : wider(tile, full);
        byte[] hashes = Files.readAllBytes(found);
        int length = tile.width() * TreeHasher.LENGTH;
        if (hashes.length < length || (found == file && hashes.length != length)) {
            throw new UnusableLogException(
                    found + ": " + hashes.length + " bytes, a tile of " + tile.width() + " hashes has " + length);
        }
        return Arrays.copyOf(hashes, length);
    }

    /**
     * A partial tile of the same place with at least as many hashes, from a later tree; the full tile's path if there
     * is none.
     */
    private static Path wider(Tile tile, Path full) throws IOException {
        Path partials = full.resolveSibling(full.getFileName() + ".p");
        if (!Files.isDirectory(partials)) {
            return full;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(partials)) {
            for (Path file : files) {
                String width = file.getFileName().toString();
                if (width.matches("[1-9][0-9]{0,2}") && Integer.parseInt(width) >= tile.width()) {
                    return file;
                }
            }
        }
        return full;
    }

    /** The right edge of the tree of that size. */
    public TileTree tree(long size) throws IOException {
        List<byte[]> edges = new ArrayList<>();
        for (int level = 0; level < TileTree.levels(size); level++) {
            int width = TileTree.width(size, level);
            edges.add(width == 0 ? new byte[0] : read(new Tile(level, size >>> (8 * (level + 1)), width)));
        }
        return TileTree.of(size, edges);
    }

    /**
     * The subtrees of the tree of that size, read when needed; they throw an UncheckedIOException if a tile is missing.
     */
    public Subtrees subtrees(long size) {
        TreeHasher hasher = new TreeHasher();
        Map<Tile, byte[]> tiles = new HashMap<>();
        return (level, index) -> {
            int tileLevel = level / 8;
            long first = index << (level % 8);
            long place = first / Tile.FULL;
            long there = (size >>> (8 * tileLevel)) - place * Tile.FULL;
            Tile tile = new Tile(tileLevel, place, (int) Math.min(Tile.FULL, there));
            byte[] hashes = tiles.computeIfAbsent(tile, this::readUnchecked);
            int from = (int) (first % Tile.FULL) * TreeHasher.LENGTH;
            int count = 1 << (level % 8);
            return hasher.root(Arrays.copyOfRange(hashes, from, from + count * TreeHasher.LENGTH), count);
        };
    }

    private byte[] readUnchecked(Tile tile) {
        try {
            return read(tile);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
