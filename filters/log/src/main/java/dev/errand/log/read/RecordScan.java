package dev.errand.log.read;

import dev.errand.log.read.Term.Kind;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;

/**
 * Reads the terms and the time of each record from its line, one line after the other. A line that is no record has no
 * terms. Not thread-safe.
 */
public final class RecordScan {
    /** Stands for the time of a record that has none. */
    public static final long NO_TIME = Long.MIN_VALUE;

    private static final byte[] KIND = name("kind");
    private static final byte[] DECISION = name("decision");
    private static final byte[] TIME = name("time");
    private static final byte[] OUTCOME = name("outcome");
    private static final byte[] TASK = name("task");
    private static final byte[] HUMAN = name("human");
    private static final byte[] AGENT = name("agent");
    private static final byte[] AGENTS = name("agents");
    private static final byte[] OPERATION = name("operation");
    private static final byte[] RESOURCE = name("resource");
    private static final byte[] ISSUER = name("iss");
    private static final byte[] SUBJECT = name("sub");
    private static final byte[] PERMIT = name("\"permit\"");

    /** The length in bytes of a time up to its seconds, including the opening quote. */
    private static final int TO_SECONDS = 20;

    private static final int TO_MILLIS = 26;

    private final JsonBytes json = new JsonBytes();
    private final Terms terms;
    private final JsonBytes.Members members = this::member;
    private final JsonBytes.Members humanMember = this::humanMember;
    private final JsonBytes.Members agentMember = this::agentMember;
    private final JsonBytes.Elements agent = this::agent;
    private final JsonBytes.Elements resource = (bytes, from, to) -> text(Kind.RESOURCE, bytes, from, to);
    private final byte[] second = new byte[TO_SECONDS];
    private final int[] subject = new int[2];
    private final int[] issuer = new int[2];
    private long secondMillis = NO_TIME;
    private long timeMillis = NO_TIME;

    /** Takes one term: the bytes of its value, valid during the call. */
    public interface Terms {
        void term(Kind kind, byte[] bytes, int from, int to);
    }

    public RecordScan(Terms terms) {
        this.terms = terms;
    }

    private static byte[] name(String name) {
        return name.getBytes(StandardCharsets.US_ASCII);
    }

    /** Reads the line at that range, without its newline. */
    public void line(byte[] bytes, int offset, int length) {
        timeMillis = NO_TIME;
        try {
            json.object(bytes, offset, offset + length, members);
        } catch (JsonBytes.MalformedException | IndexOutOfBoundsException notARecord) {
            timeMillis = NO_TIME;
        }
    }

    /** The time of the last line's record, in epoch milliseconds; {@link #NO_TIME} if the record has none. */
    public long timeMillis() {
        return timeMillis;
    }

    private void member(byte[] bytes, int nameFrom, int nameTo, int from, int to) {
        switch (nameTo - nameFrom) {
            case 4 -> {
                if (is(KIND, bytes, nameFrom)) {
                    kind(bytes, from, to);
                } else if (is(TIME, bytes, nameFrom)) {
                    timeMillis = time(bytes, from, to);
                } else if (is(TASK, bytes, nameFrom)) {
                    text(Kind.TASK, bytes, from, to);
                }
            }
            case 5 -> {
                if (is(HUMAN, bytes, nameFrom)) {
                    human(bytes, from, to);
                } else if (is(AGENT, bytes, nameFrom)) {
                    text(Kind.AGENT, bytes, from, to);
                }
            }
            case 6 -> {
                if (is(AGENTS, bytes, nameFrom) && bytes[from] == '[') {
                    json.array(bytes, from, to, agent);
                }
            }
            case 7 -> {
                if (is(OUTCOME, bytes, nameFrom) && !Arrays.equals(bytes, from, to, PERMIT, 0, PERMIT.length)) {
                    text(Kind.OUTCOME, bytes, from, to);
                }
            }
            case 8 -> {
                if (is(DECISION, bytes, nameFrom)) {
                    text(Kind.DECISION, bytes, from, to);
                } else if (is(RESOURCE, bytes, nameFrom)) {
                    resources(bytes, from, to);
                }
            }
            case 9 -> {
                if (is(OPERATION, bytes, nameFrom)) {
                    operations(bytes, from, to);
                }
            }
            default -> {}
        }
    }

    private static boolean is(byte[] name, byte[] bytes, int from) {
        return Arrays.equals(name, 0, name.length, bytes, from, from + name.length);
    }

    private void kind(byte[] bytes, int from, int to) {
        int length = to - from - 2;
        boolean common = length == DECISION.length && is(DECISION, bytes, from + 1)
                || length == OUTCOME.length && is(OUTCOME, bytes, from + 1);
        if (!common) {
            text(Kind.RECORD, bytes, from, to);
        }
    }

    private void text(Kind kind, byte[] bytes, int from, int to) {
        if (!JsonBytes.isString(bytes, from, to)) {
            return;
        }
        if (JsonBytes.isEscaped(bytes, from, to)) {
            byte[] value = JsonBytes.unescaped(bytes, from, to);
            terms.term(kind, value, 0, value.length);
        } else {
            terms.term(kind, bytes, from + 1, to - 1);
        }
    }

    private void resources(byte[] bytes, int from, int to) {
        if (bytes[from] == '[') {
            json.array(bytes, from, to, resource);
        } else {
            text(Kind.RESOURCE, bytes, from, to);
        }
    }

    private void operations(byte[] bytes, int from, int to) {
        if (!JsonBytes.isString(bytes, from, to) || JsonBytes.isEscaped(bytes, from, to)) {
            return;
        }
        int first = from + 1;
        for (int i = first; i < to; i++) {
            if (bytes[i] == ' ' || i == to - 1) {
                terms.term(Kind.OPERATION, bytes, first, i);
                first = i + 1;
            }
        }
    }

    private void agent(byte[] bytes, int from, int to) {
        if (bytes[from] == '{') {
            json.object(bytes, from, to, agentMember);
        }
    }

    private void human(byte[] bytes, int from, int to) {
        if (bytes[from] != '{') {
            return;
        }
        subject[1] = 0;
        issuer[1] = 0;
        json.object(bytes, from, to, humanMember);
        if (subject[1] == 0 || !JsonBytes.isString(bytes, subject[0], subject[1])) {
            return;
        }
        text(Kind.HUMAN, bytes, subject[0], subject[1]);
        if (issuer[1] > 0 && JsonBytes.isString(bytes, issuer[0], issuer[1])) {
            byte[] whole = together(value(bytes, issuer), value(bytes, subject));
            terms.term(Kind.HUMAN, whole, 0, whole.length);
        }
    }

    private void humanMember(byte[] bytes, int nameFrom, int nameTo, int from, int to) {
        if (nameTo - nameFrom == SUBJECT.length) {
            if (is(SUBJECT, bytes, nameFrom)) {
                range(subject, from, to);
            } else if (is(ISSUER, bytes, nameFrom)) {
                range(issuer, from, to);
            }
        }
    }

    private void agentMember(byte[] bytes, int nameFrom, int nameTo, int from, int to) {
        if (nameTo - nameFrom == SUBJECT.length && is(SUBJECT, bytes, nameFrom)) {
            text(Kind.AGENT, bytes, from, to);
        }
    }

    private static void range(int[] range, int from, int to) {
        range[0] = from;
        range[1] = to;
    }

    private static byte[] value(byte[] bytes, int[] range) {
        return JsonBytes.isEscaped(bytes, range[0], range[1])
                ? JsonBytes.unescaped(bytes, range[0], range[1])
                : Arrays.copyOfRange(bytes, range[0] + 1, range[1] - 1);
    }

    private static byte[] together(byte[] issuer, byte[] subject) {
        byte[] whole = Arrays.copyOf(issuer, issuer.length + 1 + subject.length);
        whole[issuer.length] = ' ';
        System.arraycopy(subject, 0, whole, issuer.length + 1, subject.length);
        return whole;
    }

    /** Parses a time. If its second is that of the record before, as is common, only the milliseconds are parsed. */
    private long time(byte[] bytes, int from, int to) {
        boolean millis = to - from == TO_MILLIS && bytes[from + TO_SECONDS] == '.' && bytes[to - 2] == 'Z';
        if (millis && secondMillis != NO_TIME && Arrays.equals(bytes, from, from + TO_SECONDS, second, 0, TO_SECONDS)) {
            return secondMillis + number(bytes, from + TO_SECONDS + 1);
        }
        try {
            String text = new String(bytes, from + 1, to - from - 2, StandardCharsets.US_ASCII);
            long parsed = Instant.parse(text).toEpochMilli();
            if (millis) {
                System.arraycopy(bytes, from, second, 0, TO_SECONDS);
                secondMillis = Math.floorDiv(parsed, 1000L) * 1000L;
            }
            return parsed;
        } catch (DateTimeException | ArithmeticException | StringIndexOutOfBoundsException e) {
            return NO_TIME;
        }
    }

    private static int number(byte[] bytes, int at) {
        int number = 0;
        for (int i = at; i < at + 3; i++) {
            number = 10 * number + bytes[i] - '0';
        }
        return number;
    }
}
