package dev.errand.state.redis.link;

import io.lettuce.core.KeyValue;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The one script that changes a task: compare and swap of a tagged record, together with single uses. A task is a hash,
 * and everything that a step writes goes into it by one {@code HSET}. A record is 8 random bytes, the tag, and then the
 * value; the tag is random, not a counter, so that a failover that loses writes cannot make an old record compare equal
 * to a newer one. The record is the field {@code r}. A short record may be cut into pieces of {@value #PIECE} bytes: a
 * store keeps a hash that has only such short values in half of the memory. A piece continues in the next of the fields
 * {@code r1} to {@code r3} if it has exactly {@value #PIECE} bytes.
 */
public final class StepScript {
    /** The channel on which endings are announced. */
    public static final byte[] CHANNEL = "errand:task".getBytes(StandardCharsets.US_ASCII);

    private static final byte[][] RECORD = {{'r'}, {'r', '1'}, {'r', '2'}, {'r', '3'}};
    private static final int PIECE = 64;

    public static final int TAG_BYTES = 8;
    /** The tag of an absent record. */
    public static final byte[] ABSENT = new byte[0];
    /** A tag that no record has; with it the script returns the record. */
    public static final byte[] UNKNOWN = {'?'};

    // KEYS: the hash. ARGV: expected tag; the number of fields that must be absent; the number of fields to read; the
    // fields of both; then each field to write and its value. Fields are read if the record has another tag, or if
    // nothing is to be written. The answer is one string that begins with status and time: Redis sends the strings that
    // wait for one connection together, but needs one write for every array.
    static final Script SCRIPT = Script.of("""
            local t = redis.call('TIME')
            local now = ' ' .. t[1] .. ' ' .. t[2]
            local claims = 3 + tonumber(ARGV[2])
            local reads = claims + tonumber(ARGV[3])
            local held = redis.call('HMGET', KEYS[1], 'r', 'r1', 'r2', 'r3', unpack(ARGV, 4, claims))
            local record = held[1] or ''
            local same = string.sub(record, 1, 8) == ARGV[1]
            if not same or #ARGV == reads then
              for i = 2, 4 do
                if #(held[i - 1] or '') ~= 64 then break end
                record = record .. (held[i] or '')
              end
            end
            if not same and reads == claims then return '0' .. now .. ' ' .. record end
            if not same or (#ARGV == reads and reads > claims) then
              local values = redis.call('HMGET', KEYS[1], unpack(ARGV, claims + 1, reads))
              local lengths = ' ' .. #record
              for i = 1, #values do
                values[i] = values[i] or ''
                lengths = lengths .. ' ' .. #values[i]
              end
              return '3' .. now .. lengths .. ' ;' .. record .. table.concat(values)
            end
            local used = ''
            for i = 4, claims do
              if held[i + 1] then used = used .. ' ' .. (i - 4) end
            end
            if used ~= '' then return '1' .. now .. used end
            if #ARGV > reads then redis.call('HSET', KEYS[1], unpack(ARGV, reads + 1)) end
            return '2' .. now
            """);

    private static final byte[][] SMALL_NUMBERS = IntStream.range(0, 10)
            .mapToObj(Integer::toString)
            .map(text -> text.getBytes(StandardCharsets.US_ASCII))
            .toArray(byte[][]::new);

    private StepScript() {}

    /**
     * The arguments of one run.
     *
     * @param unused fields that must be absent, each for a single use
     * @param reads fields to read if the record has another tag, or if nothing is written
     * @param writes fields to write
     */
    public record Run(byte[] tag, List<byte[]> unused, List<byte[]> reads, List<Field> writes) {
        /** A run that only reads: these fields, and the record unless it has this tag. */
        public static Run read(byte[] tag, List<byte[]> reads) {
            return new Run(tag, List.of(), reads, List.of());
        }
    }

    /** A field of a task's hash. */
    public record Field(byte[] name, byte[] value) {}

    /**
     * The fields of a record.
     *
     * @param small whether a short record is cut into pieces
     */
    public static List<Field> fields(byte[] record, boolean small) {
        return fields(RECORD, record, small);
    }

    /** The fields of a value that is cut as a record is, with these names. */
    public static List<Field> fields(byte[][] names, byte[] record, boolean small) {
        int piece = small && record.length <= names.length * PIECE ? PIECE : record.length;
        List<Field> fields = new ArrayList<>(names.length);
        for (int from = 0; from < record.length; from += piece) {
            byte[] value = Arrays.copyOfRange(record, from, Math.min(from + piece, record.length));
            fields.add(new Field(names[fields.size()], value));
        }
        if (record.length % PIECE == 0 && record.length <= fields.size() * PIECE && fields.size() < names.length) {
            fields.add(new Field(names[fields.size()], ABSENT));
        }
        return fields;
    }

    /** The names of the fields that {@link #record} joins. */
    public static byte[][] recordFields() {
        return RECORD.clone();
    }

    /** The record in the values of {@link #recordFields}; empty if there is none. */
    public static byte[] record(List<KeyValue<byte[], byte[]>> values) {
        return joined(values.stream().map(value -> value.getValueOrElse(ABSENT)).toList());
    }

    /** The value whose pieces these are, in their order. */
    public static byte[] joined(List<byte[]> pieces) {
        ByteArrayOutputStream record = new ByteArrayOutputStream();
        for (byte[] piece : pieces) {
            record.writeBytes(piece);
            if (piece.length != PIECE) {
                break;
            }
        }
        return record.toByteArray();
    }

    static byte[][] arguments(Run run) {
        byte[][] arguments = new byte
                [3 + run.unused().size() + run.reads().size() + 2 * run.writes().size()][];
        int at = 0;
        arguments[at++] = run.tag();
        arguments[at++] = number(run.unused().size());
        arguments[at++] = number(run.reads().size());
        for (byte[] field : run.unused()) {
            arguments[at++] = field;
        }
        for (byte[] field : run.reads()) {
            arguments[at++] = field;
        }
        for (Field field : run.writes()) {
            arguments[at++] = field.name();
            arguments[at++] = field.value();
        }
        return arguments;
    }

    private static byte[] number(int value) {
        return value < SMALL_NUMBERS.length
                ? SMALL_NUMBERS[value]
                : Integer.toString(value).getBytes(StandardCharsets.US_ASCII);
    }

    /** The answer of one run, with the store's time, epoch microseconds. */
    public sealed interface Answer {
        long timeMicros();

        /**
         * The stored record, which was requested or has another tag than expected; nothing was written.
         *
         * @param record empty if there is none
         * @param fields the requested fields in their order; an absent one is empty
         */
        record Other(long timeMicros, byte[] record, List<byte[]> fields) implements Answer {}

        /** The fields with these indexes, which must be absent, are there; nothing was written. */
        record Used(long timeMicros, List<Integer> fields) implements Answer {}

        /** Everything was written. */
        record Written(long timeMicros) implements Answer {}
    }

    static Answer parse(byte[] answer) {
        int seconds = end(answer, 2);
        int micros = end(answer, seconds + 1);
        long time = number(answer, 2, seconds) * 1_000_000 + number(answer, seconds + 1, micros);
        if (answer[0] == '0') {
            return new Answer.Other(time, Arrays.copyOfRange(answer, micros + 1, answer.length), List.of());
        }
        if (answer[0] == '3') {
            return withFields(time, answer, micros + 1);
        }
        if (answer[0] == '2') {
            return new Answer.Written(time);
        }
        List<Integer> used = new ArrayList<>();
        for (int from = micros + 1; from < answer.length; ) {
            int to = end(answer, from);
            used.add((int) number(answer, from, to));
            from = to + 1;
        }
        return new Answer.Used(time, used);
    }

    /** Parses an answer with fields: the lengths, then the values, the record first. */
    private static Answer withFields(long time, byte[] answer, int begin) {
        List<Integer> lengths = new ArrayList<>();
        int from = begin;
        while (answer[from] != ';') {
            int to = end(answer, from);
            lengths.add((int) number(answer, from, to));
            from = to + 1;
        }
        from++;
        List<byte[]> values = new ArrayList<>(lengths.size());
        for (int length : lengths) {
            values.add(Arrays.copyOfRange(answer, from, from + length));
            from += length;
        }
        return new Answer.Other(time, values.get(0), List.copyOf(values.subList(1, values.size())));
    }

    /** The end of the word that begins at this index. */
    private static int end(byte[] answer, int from) {
        int to = from;
        while (to < answer.length && answer[to] != ' ') {
            to++;
        }
        return to;
    }

    private static long number(byte[] answer, int from, int to) {
        long number = 0;
        for (int i = from; i < to; i++) {
            number = 10 * number + (answer[i] - '0');
        }
        return number;
    }

    /** The tag of a record; {@link #ABSENT} if there is no record. */
    public static byte[] tag(byte[] record) {
        return record.length < TAG_BYTES ? ABSENT : Arrays.copyOf(record, TAG_BYTES);
    }
}
