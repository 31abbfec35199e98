package dev.errand.log.proof;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Checks a whole log: hashes every record, and compares tiles and checkpoint with the records; also checks the
 * checkpoint's signature. Only reads; the log may be written meanwhile. Memory does not grow with the records.
 */
public final class LogVerifier {
    private static final int MAX_TRIES = 3;

    private final Path directory;
    private final @Nullable CheckpointKeys keys;
    private final @Nullable Path seen;
    private final @Nullable WitnessQuorum witnesses;
    private final long assumed;

    private LogVerifier(
            Path directory,
            @Nullable CheckpointKeys keys,
            @Nullable Path seen,
            @Nullable WitnessQuorum witnesses,
            long assumed) {
        this.directory = directory;
        this.keys = keys;
        this.seen = seen;
        this.witnesses = witnesses;
        this.assumed = assumed;
    }

    /**
     * The result.
     *
     * @param records how many complete lines are kept
     * @param first the index of the first of them; those before it were removed, as the signed note {@code retained}
     *     says
     * @param covered how many records the checkpoint covers
     * @param origin the log's name by its checkpoint, empty if there is none
     * @param signed whether the checkpoint's signature was checked and is good
     * @param witnessed how many records the checkpoint covers that the wanted witnesses cosigned; 0 if none are wanted
     * @param tornBytes the bytes of an unfinished last line, which the next start cuts off
     * @param faults what is wrong, each beginning with the record or file; empty for a good log
     */
    public record Report(
            long records,
            long first,
            long covered,
            String origin,
            boolean signed,
            long witnessed,
            long tornBytes,
            List<String> faults) {
        public Report {
            faults = List.copyOf(faults);
        }
    }

    /**
     * Verifies a log.
     *
     * @param jwks keys that may have signed the checkpoint; null to leave its signature unchecked
     * @param seen a checkpoint of this log, kept from earlier, that the log must extend; or null
     * @throws IOException if files cannot be read, or if the keys or the earlier checkpoint are not valid
     */
    public static Report verify(Path directory, @Nullable Path jwks, @Nullable Path seen) throws IOException {
        return verify(directory, jwks, seen, null);
    }

    /**
     * As {@link #verify(Path, Path, Path)}, and demands that witnesses cosigned a checkpoint of the log.
     *
     * @param witnesses who must have cosigned {@code checkpoint.witnessed}; null for nobody
     */
    public static Report verify(
            Path directory, @Nullable Path jwks, @Nullable Path seen, @Nullable WitnessQuorum witnesses)
            throws IOException {
        LogDirectories.require(directory);
        CheckpointKeys keys = jwks == null ? null : CheckpointKeys.read(jwks);
        return new LogVerifier(directory, keys, seen, witnesses, 0).settled();
    }

    /** Verifies a log from which the records before {@code first} are missing without a note. */
    public static Report verifyFrom(Path directory, CheckpointKeys keys, long first) throws IOException {
        return new LogVerifier(directory, keys, null, null, first).settled();
    }

    /** Repeats the check if the retention of the gateway that writes the log removed records meanwhile. */
    private Report settled() throws IOException {
        for (int tries = 1; ; tries++) {
            byte[] before = note();
            try {
                Report report = run();
                if (report.faults().isEmpty() || tries == MAX_TRIES || Arrays.equals(before, note())) {
                    return report;
                }
            } catch (NoSuchFileException removed) {
                if (tries == MAX_TRIES || Arrays.equals(before, note())) {
                    throw removed;
                }
            }
        }
    }

    private byte[] note() throws IOException {
        Path note = directory.resolve(RetainedNote.NAME);
        return Files.exists(note) ? Files.readAllBytes(note) : new byte[0];
    }

    private Report run() throws IOException {
        List<String> faults = new ArrayList<>();
        // Before the head, which is the newer one of a log that is written.
        Optional<CheckpointFile> cosigned = cosigned(faults);
        Optional<CheckpointFile> file = head(faults);
        Checkpoint head = file.map(CheckpointFile::checkpoint).orElse(null);
        boolean signed = file.isPresent() && keys != null && signature(file.get(), "checkpoint", faults);
        Optional<RetainedNote> note = retained(head, faults);
        TileTree start = start(Segment.list(directory), note, faults);
        long first = start.size();
        Checkpoint earlier = earlier(head, faults);
        Checkpoint witnessed = cosigned.map(CheckpointFile::checkpoint).orElse(null);
        if (cosigned.isPresent() && keys != null) {
            signature(cosigned.get(), CheckpointFile.WITNESSED, faults);
        }

        TileCheck tiles = new TileCheck(directory, Math.max(first, RetainedNote.first(note)));
        TreeWalk walk = new TreeWalk(start, tiles, named(head, earlier, witnessed, note));
        for (Path segment : Segment.list(directory)) {
            walk.segment(segment, faults);
        }
        tiles.finish(walk.tree(), head == null ? 0 : head.size());
        if (head != null) {
            walk.compare(head, faults);
            compare(walk, first, earlier, note, faults);
            if (witnessed != null) {
                compare(walk, first, head, witnessed, faults);
            }
        }
        tiles.report(faults);
        return new Report(
                walk.tree().size() - first,
                first,
                head == null ? 0 : head.size(),
                head == null ? "" : head.origin(),
                signed,
                witnessed == null ? 0 : witnessed.size(),
                walk.tornBytes(),
                faults);
    }

    private static List<Checkpoint> named(
            @Nullable Checkpoint head,
            @Nullable Checkpoint earlier,
            @Nullable Checkpoint witnessed,
            Optional<RetainedNote> note) {
        List<Checkpoint> named = new ArrayList<>();
        Stream.of(head, earlier, witnessed).filter(Objects::nonNull).forEach(named::add);
        note.ifPresent(one -> named.add(one.retained().checkpoint()));
        return named;
    }

    private Optional<RetainedNote> retained(@Nullable Checkpoint head, List<String> faults) throws IOException {
        try {
            Optional<RetainedNote> note = RetainedNote.readIfPresent(directory);
            if (note.isPresent() && head != null) {
                String origin = note.get().retained().checkpoint().origin();
                Optional<String> wrong = keys != null
                        ? note.get().verify(keys, head.origin())
                        : Optional.of("is of " + origin + ", the checkpoint of " + head.origin())
                                .filter(other -> !origin.equals(head.origin()));
                wrong.ifPresent(why -> faults.add(RetainedNote.NAME + ": " + why));
                if (note.get().retained().checkpoint().size() > head.size()) {
                    faults.add(RetainedNote.NAME + ": names more records than the checkpoint: the log was rolled back");
                }
            }
            return note;
        } catch (UnusableLogException e) {
            faults.add(RetainedNote.NAME + ": malformed: not a signed note of origin, size, root and 'first N'");
            return Optional.empty();
        }
    }

    /** The tree of the removed records: the note tells which records were removed, and their tiles give the hashes. */
    private TileTree start(List<Path> segments, Optional<RetainedNote> note, List<String> faults) {
        if (segments.isEmpty()) {
            return new TileTree();
        }
        try {
            long first = Segment.firstIndex(segments.get(0));
            if (first > 0 && (first <= RetainedNote.first(note) || first == assumed)) {
                return new TileStore(directory).tree(first);
            }
        } catch (UnusableLogException notASegment) {
            return new TileTree(); // reported when the segment is read
        } catch (IOException e) {
            faults.add("a tile of the removed records that proofs need is missing: " + e.getMessage());
        }
        return new TileTree();
    }

    private static void compare(
            TreeWalk walk, long first, @Nullable Checkpoint earlier, Optional<RetainedNote> note, List<String> faults) {
        if (earlier != null && earlier.size() < first) {
            faults.add("checkpoint: the one seen earlier covers " + earlier.size() + " records, and those up to "
                    + first + " were removed: whether the log extends it cannot be told any more; keep a newer one");
        } else if (earlier != null && earlier.size() <= walk.tree().size() && !walk.leadsTo(earlier)) {
            faults.add("checkpoint: the log does not extend the checkpoint seen earlier: one of its first "
                    + earlier.size() + " records was changed");
        }
        note.map(one -> one.retained().checkpoint())
                .filter(kept -> kept.size() <= walk.tree().size() && !walk.leadsTo(kept))
                .ifPresent(kept -> faults.add(
                        RetainedNote.NAME + ": its root is not that of the first " + kept.size() + " records"));
    }

    private static void compare(TreeWalk walk, long first, Checkpoint head, Checkpoint witnessed, List<String> faults) {
        if (!witnessed.origin().equals(head.origin())) {
            faults.add(CheckpointFile.WITNESSED + ": is of " + witnessed.origin() + ", the checkpoint of "
                    + head.origin());
        } else if (witnessed.size() > head.size()) {
            faults.add(CheckpointFile.WITNESSED + ": covers " + witnessed.size() + " records, the checkpoint "
                    + head.size() + ": the log was rolled back");
        } else if (witnessed.size() < first) {
            faults.add(CheckpointFile.WITNESSED + ": covers only records that were removed");
        } else if (witnessed.size() <= walk.tree().size() && !walk.leadsTo(witnessed)) {
            faults.add(CheckpointFile.WITNESSED + ": the log is not the one that the witnesses saw: one of its first "
                    + witnessed.size() + " records was changed");
        }
    }

    /** The checkpoint that the wanted witnesses cosigned; empty if none are wanted, or with a fault. */
    private Optional<CheckpointFile> cosigned(List<String> faults) throws IOException {
        WitnessQuorum wanted = witnesses;
        if (wanted == null) {
            return Optional.empty();
        }
        try {
            Optional<CheckpointFile> file = CheckpointFile.readIfPresent(directory, CheckpointFile.WITNESSED);
            file.map(CheckpointFile::note)
                    .map(wanted::verify)
                    .orElse(Optional.of("missing: no witness has cosigned the log"))
                    .ifPresent(why -> faults.add(CheckpointFile.WITNESSED + ": " + why));
            return file;
        } catch (UnusableLogException e) {
            faults.add(CheckpointFile.WITNESSED + ": malformed: not a signed note of origin, size and root");
            return Optional.empty();
        }
    }

    private Optional<CheckpointFile> head(List<String> faults) throws IOException {
        try {
            return Optional.of(CheckpointFile.read(directory.resolve(CheckpointFile.NAME)));
        } catch (NoSuchFileException e) {
            faults.add("checkpoint: missing");
        } catch (UnusableLogException e) {
            faults.add("checkpoint: malformed: not a signed note of origin, size and root");
        }
        return Optional.empty();
    }

    private boolean signature(CheckpointFile file, String name, List<String> faults) {
        if (keys == null) {
            return false;
        }
        Optional<String> wrong = keys.verify(file.note(), file.checkpoint().origin());
        wrong.ifPresent(why -> faults.add(name + ": " + why));
        return wrong.isEmpty();
    }

    private @Nullable Checkpoint earlier(@Nullable Checkpoint head, List<String> faults) throws IOException {
        if (seen == null || head == null) {
            return null;
        }
        CheckpointFile file = CheckpointFile.read(seen);
        signature(file, seen.toString(), faults);
        Checkpoint checkpoint = file.checkpoint();
        if (!checkpoint.origin().equals(head.origin())) {
            faults.add("checkpoint: is of " + head.origin() + ", the one seen earlier of " + checkpoint.origin());
        }
        if (checkpoint.size() > head.size()) {
            faults.add("checkpoint: covers " + head.size() + " records, one seen earlier covers " + checkpoint.size()
                    + ": the log was rolled back");
        }
        return checkpoint;
    }
}
