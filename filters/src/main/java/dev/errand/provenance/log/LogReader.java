package dev.errand.provenance.log;

import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds records in a log, reading it as a stream; also a log that is being written. Does not verify it. Immutable and
 * thread-safe; blocks on the disk.
 */
public final class LogReader {
    private final Path directory;

    public LogReader(Path directory) {
        this.directory = directory;
    }

    /**
     * One record.
     *
     * @param index its place in the log, from 0
     * @param line the exact line without its newline
     * @param json the same, parsed
     */
    public record Entry(long index, String line, JsonObject json) {}

    /** Takes one record. */
    @FunctionalInterface
    public interface Visitor {
        /** @return whether to go on */
        boolean entry(Entry entry) throws IOException;
    }

    /** The decision's record and, where it was permitted, its outcome's, in order; empty if the log has none. */
    public List<Entry> decision(String decision) throws IOException {
        byte[] mark = member("decision", decision);
        List<Entry> found = new ArrayList<>();
        scan(List.of(mark), entry -> {
            JsonObject json = entry.json();
            boolean decided = "decision".equals(json.string("kind"));
            // What an interruption ended is recorded under its decision too.
            if (decision.equals(json.string("decision")) && (decided || "outcome".equals(json.string("kind")))) {
                found.add(entry);
                return found.size() < 2 && !(decided && "deny".equals(json.string("outcome")));
            }
            return true;
        });
        return List.copyOf(found);
    }

    /** The task's decisions, their outcomes and what operators did to it, in order. */
    public List<Entry> task(String task) throws IOException {
        byte[] mark = member("task", task);
        byte[] outcome = "{\"kind\":\"outcome\"".getBytes(StandardCharsets.UTF_8);
        Set<String> decisions = new HashSet<>();
        List<Entry> found = new ArrayList<>();
        scan(List.of(mark, outcome), entry -> {
            String decision = entry.json().string("decision");
            if (task.equals(entry.json().string("task"))) {
                found.add(entry);
                if (decision != null) {
                    decisions.add(decision);
                }
            } else if ("outcome".equals(entry.json().string("kind"))
                    && decision != null
                    && decisions.contains(decision)) {
                found.add(entry);
            }
            return true;
        });
        return List.copyOf(found);
    }

    /** The endings in segments that were written since then, in order; older ones may be among them. */
    public void endings(Instant since, Visitor visitor) throws IOException {
        LogRecovery.require(directory);
        List<Path> recent = new ArrayList<>();
        for (Path segment : Segment.list(directory)) {
            if (!Files.getLastModifiedTime(segment).toInstant().isBefore(since)) {
                recent.add(segment);
            }
        }
        scan(recent, List.of("{\"kind\":\"end".getBytes(StandardCharsets.UTF_8)), visitor);
    }

    /** The last records, in order. Reads no more segments than it needs. */
    public List<Entry> newest(int most) throws IOException {
        LogRecovery.require(directory);
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

    /** Every record in order, until the visitor has enough. */
    public void all(Visitor visitor) throws IOException {
        scan(List.of(), visitor);
    }

    private void scan(List<byte[]> marks, Visitor visitor) throws IOException {
        LogRecovery.require(directory);
        scan(Segment.list(directory), marks, visitor);
    }

    private static void scan(List<Path> segments, List<byte[]> marks, Visitor visitor) throws IOException {
        boolean[] on = {true};
        for (Path segment : segments) {
            long[] index = {Segment.firstIndex(segment)};
            SegmentLines.scan(segment, (bytes, offset, length) -> {
                long at = index[0]++;
                if (marks.isEmpty() || marks.stream().anyMatch(mark -> contains(bytes, offset, length, mark))) {
                    on[0] = visitor.entry(entry(segment, at, Arrays.copyOfRange(bytes, offset, offset + length)));
                }
                return on[0];
            });
            if (!on[0]) {
                return;
            }
        }
    }

    private static Entry entry(Path segment, long index, byte[] line) throws IOException {
        try {
            return new Entry(index, new String(line, StandardCharsets.UTF_8), Json.parseObject(line));
        } catch (Json.MalformedJsonException e) {
            throw new UnusableLogException(segment + ": record " + index + " is not JSON; see verify-log");
        }
    }

    private static byte[] member(String name, String value) {
        // Ids are ours and need no escaping; a value that would need it is in no record.
        return ("\"" + name + "\":\"" + value + "\"").getBytes(StandardCharsets.UTF_8);
    }

    private static boolean contains(byte[] bytes, int offset, int length, byte[] mark) {
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
