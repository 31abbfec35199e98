package dev.errand.state.redis.link;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The one script that changes shared state: compare and swap of a tagged value, together with claims of single uses.
 * A record is 8 random bytes, the tag, and then the value; the tag is random, not a counter, so that a failover that
 * loses writes cannot make an old record compare equal to a newer one.
 */
public final class StepScript {
    /** The channel on which ended tasks are announced. */
    public static final byte[] CHANNEL = "errand:task".getBytes(StandardCharsets.US_ASCII);

    /** The channel on which it is announced how whole tasks ended. */
    public static final byte[] OVER = "errand:over".getBytes(StandardCharsets.US_ASCII);

    public static final int TAG_BYTES = 8;
    /** The tag of an absent record. */
    public static final byte[] ABSENT = new byte[0];
    /** A tag that no record has; with it the script returns the record. */
    public static final byte[] UNKNOWN = {'?'};

    // KEYS: the record; the claims; the parts to write; the parts to read. ARGV: expected tag; new record or '' for no
    // change; its expiry, epoch milliseconds; the announcement or '': the task and, after a space, how it ended; the
    // number of claims; the number of parts to write; then for each claim how long to keep it in milliseconds, 0 to
    // only check it; then each part. Parts are read if the record has another tag, or if nothing is to be written. The
    // answer is one string that begins with status and time: Redis sends the strings that wait for one connection
    // together, but needs one write for every array.
    static final String TEXT = """
            local t = redis.call('TIME')
            local now = ' ' .. t[1] .. ' ' .. t[2]
            local claims = tonumber(ARGV[5])
            local behind = 1 + claims + tonumber(ARGV[6])
            local same = redis.call('GETRANGE', KEYS[1], 0, 7) == ARGV[1]
            if not same and #KEYS == behind then
              return '0' .. now .. ' ' .. (redis.call('GET', KEYS[1]) or '')
            end
            if not same or (ARGV[2] == '' and #KEYS > behind) then
              local values = {redis.call('GET', KEYS[1]) or ''}
              local lengths = ' ' .. #values[1]
              for i = behind + 1, #KEYS do
                local value = redis.call('GET', KEYS[i]) or ''
                values[#values + 1] = value
                lengths = lengths .. ' ' .. #value
              end
              return '3' .. now .. lengths .. ' ;' .. table.concat(values)
            end
            local used = ''
            for i = 2, 1 + claims do
              if redis.call('EXISTS', KEYS[i]) == 1 then used = used .. ' ' .. (i - 2) end
            end
            if used ~= '' then return '1' .. now .. used end
            for i = 2, 1 + claims do
              if ARGV[i + 5] ~= '0' then redis.call('SET', KEYS[i], '', 'PX', ARGV[i + 5]) end
            end
            for i = 2 + claims, behind do redis.call('SET', KEYS[i], ARGV[i + 5], 'PXAT', ARGV[3]) end
            if ARGV[2] ~= '' then redis.call('SET', KEYS[1], ARGV[2], 'PXAT', ARGV[3]) end
            if ARGV[4] ~= '' then
              redis.call('PUBLISH', 'errand:task', string.match(ARGV[4], '^[^ ]+'))
              if string.find(ARGV[4], ' ') then redis.call('PUBLISH', 'errand:over', ARGV[4]) end
            end
            return '2' .. now
            """;

    public static final byte[] NOTHING = new byte[0];

    private static final byte[][] SMALL_NUMBERS = IntStream.range(0, 10)
            .mapToObj(Integer::toString)
            .map(text -> text.getBytes(StandardCharsets.US_ASCII))
            .toArray(byte[][]::new);

    private StepScript() {}

    /**
     * The arguments of one run.
     *
     * @param parts the parts to write with the record, by their keys
     * @param reads the keys of the parts to read if the record has another tag, or if nothing is written
     */
    public record Run(
            byte[] tag,
            byte[] record,
            long expiresAtMillis,
            byte[] announce,
            List<Claim> claims,
            List<Part> parts,
            List<byte[]> reads) {
        /** A run that writes and reads no parts. */
        public Run(byte[] tag, byte[] record, long expiresAtMillis, byte[] announce, List<Claim> claims) {
            this(tag, record, expiresAtMillis, announce, claims, List.of(), List.of());
        }

        /** A run that only reads: the parts, and the record if its tag differs from the given one. */
        public static Run read(byte[] tag, List<byte[]> reads) {
            return new Run(tag, NOTHING, 0, NOTHING, List.of(), List.of(), reads);
        }
    }

    /** A part of a record. */
    public record Part(byte[] key, byte[] value) {}

    /**
     * A single use to claim.
     *
     * @param key the key that marks the use
     * @param keepMillis how long to keep the mark, or 0 to only check whether it exists
     */
    public record Claim(byte[] key, long keepMillis) {}

    static byte[][] keys(byte[] record, Run run) {
        byte[][] keys = new byte
                [1 + run.claims().size() + run.parts().size() + run.reads().size()][];
        int at = 0;
        keys[at++] = record;
        for (Claim claim : run.claims()) {
            keys[at++] = claim.key();
        }
        for (Part part : run.parts()) {
            keys[at++] = part.key();
        }
        for (byte[] read : run.reads()) {
            keys[at++] = read;
        }
        return keys;
    }

    static byte[][] arguments(Run run) {
        byte[][] arguments = new byte[6 + run.claims().size() + run.parts().size()][];
        int at = 0;
        arguments[at++] = run.tag();
        arguments[at++] = run.record();
        arguments[at++] = number(run.expiresAtMillis());
        arguments[at++] = run.announce();
        arguments[at++] = number(run.claims().size());
        arguments[at++] = number(run.parts().size());
        for (Claim claim : run.claims()) {
            arguments[at++] = number(claim.keepMillis());
        }
        for (Part part : run.parts()) {
            arguments[at++] = part.value();
        }
        return arguments;
    }

    private static byte[] number(long value) {
        if (value >= 0 && value < SMALL_NUMBERS.length) {
            return SMALL_NUMBERS[(int) value];
        }
        return Long.toString(value).getBytes(StandardCharsets.US_ASCII);
    }

    /** The answer of one run, with the store's time, epoch microseconds. */
    public sealed interface Answer {
        long timeMicros();

        /**
         * The stored record, which was requested or has another tag than expected; nothing was written.
         *
         * @param parts the requested parts in their order; an absent part is empty
         */
        record Other(long timeMicros, byte[] record, List<byte[]> parts) implements Answer {}

        /** The claims with these indexes are used already; nothing was written. */
        record Used(long timeMicros, List<Integer> claims) implements Answer {}

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
            return withParts(time, answer, micros + 1);
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

    /** Parses an answer with parts: the lengths, then the values, the record first. */
    private static Answer withParts(long time, byte[] answer, int begin) {
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
