package dev.errand.log.read;

import dev.errand.log.read.LogReader.Entry;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Finds one page of decisions, newest first. It reads at most {@value #MAX_READ} records that the index names, so that
 * each page takes about a tenth of a second, whatever the query. A page ends once its lines have more than
 * {@value #MAX_CHARACTERS} characters, since a call of a thousand pairs has a record of a megabyte. Used once, by one
 * thread; blocks on the disk.
 */
final class DecisionSearch {
    private static final int MAX_READ = 5_000;
    private static final int MAX_CHARACTERS = 2 << 20;

    private final Stretches log;
    private final DecisionQuery query;
    private final List<Term> terms;
    private final List<Entry> found = new ArrayList<>();
    private int read;
    private long characters;
    private @Nullable Long next;
    private @Nullable Instant reached;
    private @Nullable Instant lastRead;

    DecisionSearch(Stretches log, DecisionQuery query) {
        this.log = log;
        this.query = query;
        this.terms = terms(query);
    }

    private static List<Term> terms(DecisionQuery query) {
        List<Term> terms = new ArrayList<>();
        add(terms, Term.Kind.TASK, query.task());
        add(terms, Term.Kind.RESOURCE, query.isPrefix() ? null : query.resource());
        add(terms, Term.Kind.OPERATION, query.operation());
        add(terms, Term.Kind.HUMAN, query.human());
        add(terms, Term.Kind.AGENT, query.agent());
        // The index has what a record says of its outcome. A waiting call's record says "deny", too.
        boolean refused = query.outcome() != null && !"permit".equals(query.outcome());
        add(terms, Term.Kind.OUTCOME, refused ? "deny" : null);
        return List.copyOf(terms);
    }

    private static void add(List<Term> terms, Term.Kind kind, @Nullable String value) {
        if (value != null) {
            terms.add(new Term(kind, value));
        }
    }

    LogRecords.Page run() throws IOException {
        for (RecordRange stretch : log.newestFirst()) {
            if (next != null) {
                break;
            }
            if (stretch.firstRecord() >= query.before() || isOutOfTime(stretch.part())) {
                continue;
            }
            int before = found.size();
            int readBefore = read;
            long charactersBefore = characters;
            Runnable again = () -> {
                found.subList(before, found.size()).clear();
                read = readBefore;
                characters = charactersBefore;
                next = null;
                reached = null;
            };
            LogSearch.read(log, stretch, again, one -> {
                IndexPart part = one.part();
                if (part == null) {
                    scan(one);
                } else {
                    find(one, part);
                }
            });
        }
        return new LogRecords.Page(found, next, reached);
    }

    private boolean isOutOfTime(@Nullable IndexPart part) {
        Instant since = query.since();
        Instant until = query.until();
        return part != null
                && ((since != null && part.latestMillis() < since.toEpochMilli())
                        || (until != null && part.earliestMillis() > until.toEpochMilli()));
    }

    private void find(RecordRange stretch, IndexPart part) throws IOException {
        int[] records = candidates(part);
        for (int i = records.length - 1; i >= 0; i--) {
            long index = stretch.firstRecord() + records[i];
            if (index >= query.before()) {
                continue;
            }
            if (isFull()) {
                next = index + 1;
                // If no decision was read before the page was full, the next record tells how new the unread ones can
                // be.
                reached = lastRead != null ? lastRead : time(stretch.entry(part, records[i]));
                return;
            }
            read++;
            if (terms.isEmpty() && !stretch.mayBeDecision(part, records[i])) {
                continue;
            }
            Entry entry = stretch.entry(part, records[i]);
            if ("decision".equals(entry.json().string("kind"))) {
                lastRead = time(entry);
            }
            if (query.matches(entry.json())) {
                found.add(entry);
                characters += entry.line().length();
            }
        }
    }

    private boolean isFull() {
        return found.size() >= query.limit() || read >= MAX_READ || characters >= MAX_CHARACTERS;
    }

    /** The records that contain all terms. */
    private int[] candidates(IndexPart part) throws IOException {
        if (terms.isEmpty()) {
            return IntStream.range(0, part.records()).toArray();
        }
        int[] common = part.find(terms.get(0));
        for (Term term : terms.subList(1, terms.size())) {
            if (common.length == 0) {
                break;
            }
            int[] other = part.find(term);
            common = Arrays.stream(common)
                    .filter(record -> Arrays.binarySearch(other, record) >= 0)
                    .toArray();
        }
        return common;
    }

    private void scan(RecordRange stretch) throws IOException {
        int wanted = query.limit() - found.size();
        if (wanted == 0 || characters >= MAX_CHARACTERS) {
            next = found.get(found.size() - 1).index();
            reached = time(found.get(found.size() - 1));
            return;
        }
        Deque<Entry> newest = new ArrayDeque<>();
        @Nullable Entry[] dropped = {null};
        byte[] mark = mark();
        stretch.scan((index, bytes, offset, length) -> {
            if (index >= query.before()) {
                return false;
            }
            boolean other = RecordRange.startsWith(bytes, offset, length, RecordRange.KIND)
                    && !RecordRange.startsWith(bytes, offset, length, RecordRange.DECISION);
            if (other || !LogReader.contains(bytes, offset, length, mark)) {
                return true;
            }
            Entry entry = LogReader.entry(
                    stretch.segment().path(), index, Arrays.copyOfRange(bytes, offset, offset + length));
            if (query.matches(entry.json())) {
                newest.addFirst(entry);
                characters += entry.line().length();
                while (newest.size() > wanted || isLonger(newest.getLast())) {
                    Entry oldest = newest.removeLast();
                    characters -= oldest.line().length();
                    dropped[0] = oldest;
                }
            }
            return true;
        });
        found.addAll(newest);
        Entry older = dropped[0];
        if (older != null) {
            next = found.get(found.size() - 1).index();
            reached = time(older);
        }
    }

    /** Whether the page would still be long enough without its oldest record. */
    private boolean isLonger(Entry oldest) {
        return characters - oldest.line().length() >= MAX_CHARACTERS;
    }

    private static @Nullable Instant time(Entry entry) {
        try {
            return Instant.parse(String.valueOf(entry.json().string("time")));
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** Bytes that every wanted line contains: the task's member if its id needs no escape. */
    private byte[] mark() {
        String task = query.task();
        return task != null && task.matches("[A-Za-z0-9_.:-]+")
                ? LogReader.member("task", task)
                : LogReader.bytes("\"decision\"");
    }
}
