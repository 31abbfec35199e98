package dev.errand.log.read;

import dev.errand.log.read.LogReader.Entry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The records of one task, in order. If a task has too many to hold in memory, only the oldest and the newest are kept.
 * Immutable.
 *
 * @param omitted how many records are left out between the oldest and the newest
 */
public record TaskRecords(List<Entry> entries, long omitted) {
    public TaskRecords {
        entries = List.copyOf(entries);
    }

    /** Collects records in order, and keeps a quarter of the bytes for the oldest ones. Not thread-safe. */
    static final class Taking {
        private final long most;
        private final long mostFirst;
        private final List<Entry> first = new ArrayList<>();
        private final ArrayDeque<Entry> newest = new ArrayDeque<>();
        private long firstBytes;
        private long newestBytes;
        private long omitted;

        /** @param most the most bytes of all lines in UTF-8; the newest record is kept whatever its length */
        Taking(long most) {
            this.most = most;
            this.mostFirst = most / 4;
        }

        void add(Entry entry) {
            int length = bytes(entry);
            if (newest.isEmpty() && firstBytes + length <= mostFirst) {
                first.add(entry);
                firstBytes += length;
                return;
            }
            newest.addLast(entry);
            newestBytes += length;
            while (newest.size() > 1 && firstBytes + newestBytes > most) {
                newestBytes -= bytes(newest.removeFirst());
                omitted++;
            }
        }

        private static int bytes(Entry entry) {
            return entry.line().getBytes(StandardCharsets.UTF_8).length;
        }

        /** Adds the records of a later part of the log. */
        void addAll(TaskRecords later) {
            later.entries().forEach(this::add);
            omitted += later.omitted();
        }

        TaskRecords taken() {
            List<Entry> all = new ArrayList<>(first);
            all.addAll(newest);
            return new TaskRecords(all, omitted);
        }
    }
}
