package dev.errand.log.proof;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Compares every tile file of a log with the tiles computed from its records. */
final class TileCheck {
    private static final int MAX_FAULTS = 20;

    private final Path directory;
    private final long first;
    private final Map<Place, List<Tile>> files = new HashMap<>();
    private final Set<Tile> unfilled = new HashSet<>();
    private final List<String> faults = new ArrayList<>();
    private long firstWrongLeaf = -1;

    private record Place(int level, long index) {}

    /**
     * Lists the tile files before the records are read, so that in a growing log no tile is newer than the records.
     *
     * @param first the first record that is kept: tiles that serve only earlier records may exist or be missing
     */
    TileCheck(Path directory, long first) throws IOException {
        this.directory = directory;
        this.first = first;
        Path root = directory.resolve("tile");
        if (!Files.isDirectory(root)) {
            return;
        }
        try (Stream<Path> found = Files.walk(root)) {
            found.filter(Files::isRegularFile).forEach(this::list);
        } catch (UncheckedIOException e) {
            if (!(e.getCause() instanceof NoSuchFileException)) {
                throw e.getCause();
            }
        }
    }

    private void list(Path file) {
        String path = directory.relativize(file).toString().replace('\\', '/');
        if (path.endsWith(DurableFile.TEMPORARY)) {
            return;
        }
        Optional<Tile> tile = Tile.parse(path);
        if (tile.isEmpty()) {
            fault(path + ": not a tile's name");
        } else if (!Retained.isSpare(tile.get(), first)) {
            Place place = new Place(tile.get().level(), tile.get().index());
            files.computeIfAbsent(place, at -> new ArrayList<>()).add(tile.get());
        }
    }

    /** Compares the files of a full tile. */
    void full(Tile tile, byte[] hashes) {
        if (Retained.isSpare(tile, first)) {
            return;
        }
        List<Tile> there = files.remove(new Place(tile.level(), tile.index()));
        compare(tile, hashes, there == null ? List.of() : there);
        if (there == null || there.stream().noneMatch(file -> file.width() == Tile.FULL)) {
            unfilled.add(tile);
        }
    }

    /** Compares the other files, and finds tiles that a tree of the checkpoint's size lacks. */
    void finish(TileTree tree, long covered) {
        Map<Place, Integer> widths = new HashMap<>();
        tree.partials((tile, hashes) -> {
            Place place = new Place(tile.level(), tile.index());
            List<Tile> there = files.remove(place);
            widths.put(place, tile.width());
            compare(tile, hashes, there == null ? List.of() : there);
        });
        files.values().forEach(beyond -> beyond.forEach(tile -> fault(tile.path() + ": covers records that are gone")));
        for (int level = 0; level < TileTree.levels(covered); level++) {
            long full = covered >>> (8 * (level + 1));
            int tileLevel = level;
            unfilled.stream()
                    .filter(tile -> tile.level() == tileLevel && tile.index() < full)
                    .forEach(tile -> fault(tile.path() + ": missing"));
            int width = TileTree.width(covered, level);
            if (width > 0) {
                Tile edge = new Tile(level, full, width);
                Tile whole = new Tile(level, full, Tile.FULL);
                if (!Files.exists(directory.resolve(edge.path())) && !Files.exists(directory.resolve(whole.path()))) {
                    fault(edge.path() + ": missing");
                }
            }
        }
    }

    private void compare(Tile made, byte[] hashes, List<Tile> there) {
        for (Tile file : there) {
            if (file.width() > made.width()) {
                fault(file.path() + ": covers records that are gone");
            }
            byte[] found;
            try {
                found = Files.readAllBytes(directory.resolve(file.path()));
            } catch (NoSuchFileException e) {
                continue; // the full tile replaced it meanwhile
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            if (found.length != file.width() * TreeHasher.LENGTH) {
                fault(file.path() + ": " + found.length + " bytes, should be " + file.width() * TreeHasher.LENGTH);
            }
            int both = Math.min(found.length, hashes.length);
            int wrong = Arrays.mismatch(found, 0, both, hashes, 0, both);
            if (wrong >= 0) {
                long place = wrong / TreeHasher.LENGTH;
                fault(file.path() + ": hash " + place + " is not that of the records");
                long leaf = file.index() * Tile.FULL + place;
                if (file.level() == 0 && (firstWrongLeaf < 0 || leaf < firstWrongLeaf)) {
                    firstWrongLeaf = leaf;
                }
            }
        }
    }

    /** The first record that differs from its hash in the tiles, or -1. */
    long firstWrongLeaf() {
        return firstWrongLeaf;
    }

    private void fault(String fault) {
        if (faults.size() <= MAX_FAULTS) {
            faults.add(faults.size() == MAX_FAULTS ? "and more tiles" : fault);
        }
    }

    void report(List<String> into) {
        into.addAll(faults);
    }
}
