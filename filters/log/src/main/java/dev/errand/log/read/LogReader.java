package dev.errand.log.read;

import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.proof.LogDirectories;
import dev.errand.log.proof.Segment;
import dev.errand.log.proof.SegmentLines;
import dev.errand.log.proof.UnusableLogException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;

/**
 * Finds records in a log by the index beside its segments, and scans the parts that have no index. The log may be
 * written meanwhile. Verifies nothing. Immutable and thread-safe; blocks on the disk.
 */
public record LogReader(Path directory) implements LogRecords {
    /** Segments of this length, in bytes, take about as long to index as to read twice. */
    private static final long WORTH_BYTES = 32L << 20;

    /**
     * One record.
     *
     * @param index its index in the log, from 0
     * @param line the exact line without its newline
     * @param json the line, parsed
     */
    public record Entry(long index, String line, JsonObject json) {}

    /** Takes one record. */
    @FunctionalInterface
    public interface Visitor {
        /** @return whether to continue */
        boolean entry(Entry entry) throws IOException;
    }

    /**
     * Makes the missing parts of a long log's index, so that looking records up takes no longer than in a short log. It
     * is for commands; a gateway makes the index itself. If the directory cannot be written, no index is made, and the
     * log is read. Memory does not grow with the log; blocks on the disk.
     */
    public static void index(Path directory) throws IOException {
        LogDirectories.require(directory);
        try {
            LogIndex.completeIfWorth(directory, WORTH_BYTES);
        } catch (UnusableLogException e) {
            throw e;
        } catch (IOException unwritable) {
            ReadingNotes.noIndex(directory, unwritable);
        }
    }

    @Override
    public List<Entry> decision(String decision) throws IOException {
        try (Stretches log = Stretches.open(directory)) {
            return new LogSearch(log).decision(decision);
        }
    }

    @Override
    public List<Entry> task(String task) throws IOException {
        try (Stretches log = Stretches.open(directory)) {
            return new LogSearch(log).task(task, Long.MAX_VALUE).entries();
        }
    }

    /**
     * The records of a task as {@link #task(String)} finds them, but only the oldest and the newest if all are too
     * long.
     *
     * @param mostBytes the most bytes of all lines together, in UTF-8
     */
    public TaskRecords task(String task, long mostBytes) throws IOException {
        try (Stretches log = Stretches.open(directory)) {
            return new LogSearch(log).task(task, mostBytes);
        }
    }

    @Override
    public Page decisions(DecisionQuery query) throws IOException {
        try (Stretches log = Stretches.open(directory)) {
            return new DecisionSearch(log, query).run();
        }
    }

    /** Visits the ended tasks and tokens since that time, in order; older ones may be among them. */
    public void endings(Instant since, Visitor visitor) throws IOException {
        try (Stretches log = Stretches.open(directory)) {
            new LogSearch(log).endings(since, visitor);
        }
    }

    /** The last records of the log, in order. Reads no more segments than it needs. */
    public List<Entry> newest(int most) throws IOException {
        LogDirectories.require(directory);
        List<Path> segments = new ArrayList<>(Segment.list(directory));
        Collections.reverse(segments);
        Deque<Entry> found = new ArrayDeque<>();
        for (Path segment : segments) {
            List<Entry> entries = last(segment, most - found.size());
            Collections.reverse(entries);
            entries.forEach(found::addFirst);
            if (found.size() >= most) {
                break;
            }
        }
        return List.copyOf(found);
    }

    private static List<Entry> last(Path segment, int most) throws IOException {
        Deque<byte[]> lines = new ArrayDeque<>();
        long[] index = {Segment.firstIndex(segment)};
        SegmentLines.scan(segment, (bytes, offset, length) -> {
            index[0]++;
            lines.addLast(Arrays.copyOfRange(bytes, offset, offset + length));
            if (lines.size() > most) {
                lines.removeFirst();
            }
            return true;
        });
        List<Entry> entries = new ArrayList<>();
        long at = index[0] - lines.size();
        for (byte[] line : lines) {
            entries.add(entry(segment, at++, line));
        }
        return entries;
    }

    /** Visits every record in order, until the visitor stops. */
    public void all(Visitor visitor) throws IOException {
        LogDirectories.require(directory);
        boolean[] on = {true};
        for (Path segment : Segment.list(directory)) {
            long[] index = {Segment.firstIndex(segment)};
            SegmentLines.scan(segment, (bytes, offset, length) -> {
                on[0] = visitor.entry(entry(segment, index[0]++, Arrays.copyOfRange(bytes, offset, offset + length)));
                return on[0];
            });
            if (!on[0]) {
                return;
            }
        }
    }

    static Entry entry(Path segment, long index, byte[] line) throws IOException {
        try {
            return new Entry(index, new String(line, StandardCharsets.UTF_8), Json.parseObject(line));
        } catch (Json.MalformedJsonException e) {
            throw new UnusableLogException(segment + ": record " + index + " is not JSON; see verify-log");
        }
    }

    static byte[] member(String name, String value) {
        // Our own ids need no escape; a value that needs one is in no record.
        return bytes("\"" + name + "\":\"" + value + "\"");
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static boolean contains(byte[] bytes, int offset, int length, byte[] mark) {
        int last = offset + length - mark.length;
        for (int i = offset; i <= last; i++) {
            if (bytes[i] == mark[0]
                    && bytes[i + mark.length - 1] == mark[mark.length - 1]
                    && Arrays.equals(bytes, i, i + mark.length, mark, 0, mark.length)) {
                return true;
            }
        }
        return false;
    }
}
