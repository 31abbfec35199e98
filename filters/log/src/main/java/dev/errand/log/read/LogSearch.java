package dev.errand.log.read;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.RecordFields;
import dev.errand.log.proof.Segment;
import dev.errand.log.read.LogReader.Entry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Looks records up by id in a log that is open for reading. Not thread-safe; blocks on the disk. */
record LogSearch(Stretches log) {
    private static final byte[] OUTCOME = LogReader.bytes("\"kind\":\"outcome\"");
    private static final byte[] ENDING = LogReader.bytes("{\"kind\":\"ended\"");
    private static final byte[] DECISION = LogReader.bytes("\"decision\":\"");

    /** Reads a stretch by its index or, if the index is damaged, by scanning it. */
    static void read(Stretches log, RecordRange stretch, Runnable again, StretchReading reading) throws IOException {
        try {
            reading.read(stretch);
        } catch (DamagedIndexException e) {
            log.damaged(stretch);
            again.run();
            reading.read(stretch.plain());
        } catch (NoSuchFileException removed) {
            // The retention removed the records meanwhile.
            again.run();
        }
    }

    /** Reads one stretch. */
    interface StretchReading {
        void read(RecordRange stretch) throws IOException;
    }

    /** As {@link LogRecords#decision}. */
    List<Entry> decision(String decision) throws IOException {
        List<Entry> found = new ArrayList<>();
        for (RecordRange stretch : log.newestFirst()) {
            List<Entry> here = new ArrayList<>();
            read(log, stretch, here::clear, one -> decision(one, decision, here));
            found.addAll(here);
            if (here.stream().anyMatch(entry -> isKind(entry, "decision"))) {
                break;
            }
        }
        found.sort(Comparator.comparingLong(Entry::index));
        return List.copyOf(found);
    }

    private static void decision(RecordRange stretch, String decision, List<Entry> into) throws IOException {
        find(stretch, new Term(Term.Kind.DECISION, decision), LogReader.member("decision", decision), entry -> {
            // Records of what an interruption ended name the decision too.
            if (decision.equals(entry.json().string("decision"))
                    && (isKind(entry, "decision") || isKind(entry, "outcome"))
                    && into.stream()
                            .noneMatch(known ->
                                    isKind(known, String.valueOf(entry.json().string("kind"))))) {
                into.add(entry);
            }
            return into.size() < 2;
        });
    }

    private static boolean isKind(Entry entry, String kind) {
        return kind.equals(entry.json().string("kind"));
    }

    /** As {@link LogReader#task(String, long)}. */
    TaskRecords task(String task, long mostBytes) throws IOException {
        TaskRecords.Taking found = new TaskRecords.Taking(mostBytes);
        Set<String> running = new HashSet<>();
        for (RecordRange stretch : log.oldestFirst()) {
            TaskRecords[] here = {new TaskRecords(List.of(), 0)};
            Set<String> open = new HashSet<>(running);
            Runnable again = () -> {
                here[0] = new TaskRecords(List.of(), 0);
                open.clear();
                open.addAll(running);
            };
            read(log, stretch, again, one -> {
                IndexPart part = one.part();
                here[0] = part == null ? scanTask(one, task, open, mostBytes) : findTask(one, part, task, open);
            });
            found.addAll(here[0]);
            running.clear();
            running.addAll(open);
        }
        return found.taken();
    }

    /** Finds the task's records in one indexed part, which covers little more than 8 MiB of the log at most. */
    private static TaskRecords findTask(RecordRange stretch, IndexPart part, String task, Set<String> running)
            throws IOException {
        List<Entry> into = new ArrayList<>();
        for (int record : part.find(new Term(Term.Kind.TASK, task))) {
            Entry entry = stretch.entry(part, record);
            if (task.equals(entry.json().string("task"))) {
                into.add(entry);
                begin(entry.json(), running);
            }
        }
        for (String decision : List.copyOf(running)) {
            for (int record : part.find(new Term(Term.Kind.DECISION, decision))) {
                Entry entry = stretch.entry(part, record);
                if (isKind(entry, "outcome") && decision.equals(entry.json().string("decision"))) {
                    into.add(entry);
                    running.remove(decision);
                }
            }
        }
        into.sort(Comparator.comparingLong(Entry::index));
        return new TaskRecords(into, 0);
    }

    private static void begin(JsonObject record, Set<String> running) {
        String decision = record.string("decision");
        if (decision != null && "decision".equals(record.string("kind")) && RecordFields.isPermit(record)) {
            running.add(decision);
        }
    }

    private static TaskRecords scanTask(RecordRange stretch, String task, Set<String> running, long mostBytes)
            throws IOException {
        TaskRecords.Taking into = new TaskRecords.Taking(mostBytes);
        byte[] mark = LogReader.member("task", task);
        stretch.scan((index, bytes, offset, length) -> {
            boolean ofTask = LogReader.contains(bytes, offset, length, mark);
            if (!ofTask && !isOutcomeOf(bytes, offset, length, running)) {
                return true;
            }
            Entry entry = LogReader.entry(
                    stretch.segment().path(), index, Arrays.copyOfRange(bytes, offset, offset + length));
            String decision = entry.json().string("decision");
            if (task.equals(entry.json().string("task"))) {
                into.add(entry);
                begin(entry.json(), running);
            } else if (isKind(entry, "outcome") && decision != null && running.remove(decision)) {
                into.add(entry);
            }
            return true;
        });
        return into.taken();
    }

    /** Decides without parsing the line, since every second record is an outcome. */
    private static boolean isOutcomeOf(byte[] bytes, int offset, int length, Set<String> running) {
        if (running.isEmpty() || !LogReader.contains(bytes, offset, Math.min(length, 64), OUTCOME)) {
            return false;
        }
        for (int i = offset; i < offset + length - DECISION.length; i++) {
            if (RecordRange.startsWith(bytes, i, offset + length - i, DECISION)) {
                int from = i + DECISION.length;
                int to = from;
                while (to < offset + length && bytes[to] != '"') {
                    to++;
                }
                return running.contains(new String(bytes, from, to - from, StandardCharsets.UTF_8));
            }
        }
        return false;
    }

    /** As {@link LogReader#endings}. */
    void endings(Instant since, LogReader.Visitor visitor) throws IOException {
        for (RecordRange stretch : log.oldestFirst()) {
            if (isBefore(stretch, since)) {
                continue;
            }
            List<Entry> here = new ArrayList<>();
            read(
                    log,
                    stretch,
                    here::clear,
                    one -> find(
                            one,
                            new Term(Term.Kind.RECORD, "ended"),
                            ENDING,
                            entry -> !isKind(entry, "ended") || here.add(entry)));
            for (Entry entry : here) {
                if (!visitor.entry(entry)) {
                    return;
                }
            }
        }
    }

    /** Whether all records of the stretch are older. Without an index, the segment's last modification decides. */
    private static boolean isBefore(RecordRange stretch, Instant since) throws IOException {
        IndexPart part = stretch.part();
        if (part != null) {
            return part.latestMillis() < since.toEpochMilli();
        }
        try {
            Path segment = stretch.segment().path();
            Path file = Segment.isCompressed(segment) ? Segment.compressed(segment) : segment;
            return Files.getLastModifiedTime(file).toInstant().isBefore(since);
        } catch (NoSuchFileException removed) {
            return true;
        }
    }

    /**
     * Visits the records of a stretch that may name the term or, without an index, those whose line contains the mark.
     */
    private static void find(RecordRange stretch, Term term, byte[] mark, LogReader.Visitor visitor)
            throws IOException {
        IndexPart part = stretch.part();
        if (part != null) {
            for (int record : part.find(term)) {
                visitor.entry(stretch.entry(part, record));
            }
            return;
        }
        stretch.scan((index, bytes, offset, length) -> !LogReader.contains(bytes, offset, length, mark)
                || visitor.entry(LogReader.entry(
                        stretch.segment().path(), index, Arrays.copyOfRange(bytes, offset, offset + length))));
    }
}
