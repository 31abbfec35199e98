package dev.errand.state.redis;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The one script that changes shared state: compare and swap of a tagged value, together with claims of single uses.
 * A record is 8 random bytes, the tag, and then the value; the tag is random, not a counter, so that a failover that
 * loses writes cannot make an old record compare equal to a newer one.
 */
final class StepScript {
    /** The channel on which ended tasks are announced. */
    static final byte[] CHANNEL = "errand:task".getBytes(StandardCharsets.US_ASCII);

    static final int TAG_BYTES = 8;
    /** The tag of a record that is not there. */
    static final byte[] ABSENT = new byte[0];
    /** A tag that no record has: asks for the value. */
    static final byte[] UNKNOWN = {'?'};

    // KEYS: the record, then the claims. ARGV: expected tag; new record or '' for no change; its expiry, epoch
    // milliseconds; what to announce or ''; then for each claim how long to keep it in milliseconds, 0 to only look.
    // The answer is one string, status and time before all else: of those that wait for one connection Redis sends
    // strings
    // together, while it takes a write for every array.
    static final String TEXT = """
            local t = redis.call('TIME')
            local now = ' ' .. t[1] .. ' ' .. t[2]
            if redis.call('GETRANGE', KEYS[1], 0, 7) ~= ARGV[1] then
              return '0' .. now .. ' ' .. (redis.call('GET', KEYS[1]) or '')
            end
            local used = ''
            for i = 2, #KEYS do
              if redis.call('EXISTS', KEYS[i]) == 1 then used = used .. ' ' .. (i - 2) end
            end
            if used ~= '' then return '1' .. now .. used end
            for i = 2, #KEYS do
              if ARGV[i + 3] ~= '0' then redis.call('SET', KEYS[i], '', 'PX', ARGV[i + 3]) end
            end
            if ARGV[2] ~= '' then redis.call('SET', KEYS[1], ARGV[2], 'PXAT', ARGV[3]) end
            if ARGV[4] ~= '' then redis.call('PUBLISH', 'errand:task', ARGV[4]) end
            return '2' .. now
            """;

    private StepScript() {}

    /** The arguments of one run. */
    record Run(byte[] tag, byte[] record, long expiresAtMillis, byte[] announce, List<Claim> claims) {}

    /**
     * A single use to claim.
     *
     * @param key where it is kept
     * @param keepMillis how long, or 0 to only look whether it is used
     */
    record Claim(byte[] key, long keepMillis) {}

    static byte[][] keys(byte[] record, Run run) {
        byte[][] keys = new byte[run.claims().size() + 1][];
        keys[0] = record;
        for (int i = 0; i < run.claims().size(); i++) {
            keys[i + 1] = run.claims().get(i).key();
        }
        return keys;
    }

    static byte[][] arguments(Run run) {
        byte[][] arguments = new byte[run.claims().size() + 4][];
        arguments[0] = run.tag();
        arguments[1] = run.record();
        arguments[2] = number(run.expiresAtMillis());
        arguments[3] = run.announce();
        for (int i = 0; i < run.claims().size(); i++) {
            arguments[i + 4] = number(run.claims().get(i).keepMillis());
        }
        return arguments;
    }

    private static byte[] number(long value) {
        return Long.toString(value).getBytes(StandardCharsets.US_ASCII);
    }

    /** The answer of one run, with the store's time, epoch microseconds. */
    sealed interface Answer {
        long timeMicros();

        /** The record is another one; nothing was written. */
        record Other(long timeMicros, byte[] record) implements Answer {}

        /** These claims, by their index, are used; nothing was written. */
        record Used(long timeMicros, List<Integer> claims) implements Answer {}

        /** All was written. */
        record Written(long timeMicros) implements Answer {}
    }

    static Answer parse(byte[] answer) {
        int seconds = end(answer, 2);
        int micros = end(answer, seconds + 1);
        long time = number(answer, 2, seconds) * 1_000_000 + number(answer, seconds + 1, micros);
        if (answer[0] == '0') {
            return new Answer.Other(time, Arrays.copyOfRange(answer, micros + 1, answer.length));
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

    /** Where the word ends that begins there. */
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

    static byte[] tag(byte[] record) {
        return record.length < TAG_BYTES ? ABSENT : Arrays.copyOf(record, TAG_BYTES);
    }
}
