package dev.errand.log.read;

import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Finds members and elements in the bytes of one JSON value without making objects of them: an index reads each byte of
 * a log once, and needs only a tenth of them. Expects valid JSON; other bytes lead to a {@link MalformedException}. Not
 * thread-safe.
 */
final class JsonBytes {
    private static final byte[] NONE = {};

    private byte[] bytes = NONE;
    private int end;

    /** The bytes are no JSON object. Carries no stack trace. */
    static final class MalformedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        MalformedException() {
            super("not a JSON object", null, false, false);
        }
    }

    /** Takes one member: its name, without the quotes, and its value, each as a range of the bytes. */
    interface Members {
        void member(byte[] bytes, int nameFrom, int nameTo, int from, int to);
    }

    /** Takes one element, as a range of the bytes. */
    interface Elements {
        void element(byte[] bytes, int from, int to);
    }

    /** The members of the object at that range. */
    void object(byte[] in, int from, int to, Members members) {
        bytes = in;
        end = to;
        int at = expect(from, '{');
        if (is(at, '}')) {
            return;
        }
        while (true) {
            int name = at;
            int nameEnd = string(at);
            int value = expect(nameEnd, ':');
            int next = value(value);
            members.member(in, name + 1, nameEnd - 1, value, next);
            // The visitor may have used this reader for the member's value and changed these fields.
            bytes = in;
            end = to;
            if (is(next, '}')) {
                return;
            }
            at = expect(next, ',');
        }
    }

    /** The elements of the array at that range. */
    void array(byte[] in, int from, int to, Elements elements) {
        bytes = in;
        end = to;
        int at = expect(from, '[');
        if (is(at, ']')) {
            return;
        }
        while (true) {
            int next = value(at);
            elements.element(in, at, next);
            bytes = in;
            end = to;
            if (is(next, ']')) {
                return;
            }
            at = expect(next, ',');
        }
    }

    private int expect(int at, char wanted) {
        if (!is(at, wanted)) {
            throw new MalformedException();
        }
        return at + 1;
    }

    private boolean is(int at, char wanted) {
        return at < end && bytes[at] == wanted;
    }

    private int value(int at) {
        if (at >= end) {
            throw new MalformedException();
        }
        byte first = bytes[at];
        if (first == '"') {
            return string(at);
        }
        if (first == '{' || first == '[') {
            return nested(at);
        }
        int next = at;
        while (next < end && bytes[next] != ',' && bytes[next] != '}' && bytes[next] != ']') {
            next++;
        }
        return next;
    }

    private int nested(int at) {
        int depth = 0;
        int next = at;
        while (next < end) {
            byte one = bytes[next];
            if (one == '"') {
                next = string(next);
                continue;
            }
            if (one == '{' || one == '[') {
                depth++;
            } else if ((one == '}' || one == ']') && --depth == 0) {
                return next + 1;
            }
            next++;
        }
        throw new MalformedException();
    }

    private int string(int at) {
        int next = expect(at, '"');
        while (next < end) {
            byte one = bytes[next];
            if (one == '"') {
                return next + 1;
            }
            next += one == '\\' ? 2 : 1;
        }
        throw new MalformedException();
    }

    /** Whether the value at that range is a string. */
    static boolean isString(byte[] bytes, int from, int to) {
        return to - from >= 2 && bytes[from] == '"';
    }

    /** Whether the string at that range, which includes its quotes, contains an escape. */
    static boolean isEscaped(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == '\\') {
                return true;
            }
        }
        return false;
    }

    /** The value, in UTF-8, of the string at that range, which includes its quotes. */
    static byte[] unescaped(byte[] bytes, int from, int to) {
        try {
            return Json.parse(Arrays.copyOfRange(bytes, from, to)) instanceof JsonString text
                    ? text.value().getBytes(StandardCharsets.UTF_8)
                    : NONE;
        } catch (Json.MalformedJsonException e) {
            throw new MalformedException();
        }
    }
}
