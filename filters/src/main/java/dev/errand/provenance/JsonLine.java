package dev.errand.provenance;

import dev.errand.text.Printable;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Writes one JSON object as UTF-8 in one line. Strings are cut at {@link #MAX_STRING} characters; what {@link Printable}
 * escapes is escaped, and halves of surrogate pairs are replaced. Not thread-safe.
 */
final class JsonLine {
    /** The longest string written, in UTF-16 characters. */
    static final int MAX_STRING = 512;

    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};

    /** Longer ones are not kept for the thread's next line. */
    private static final int MAX_KEPT = 1 << 15;

    private static final byte[] NONE = {};

    private static final ThreadLocal<Free> OF_THREAD = ThreadLocal.withInitial(Free::new);

    private byte[] bytes = taken();
    private int length;
    private boolean first = true;

    /** The array of a thread's lines, lent to one at a time. */
    private static final class Free {
        private byte @Nullable [] bytes;
    }

    private static byte[] taken() {
        Free free = OF_THREAD.get();
        byte[] taken = free.bytes;
        free.bytes = null;
        return taken == null ? new byte[4096] : taken;
    }

    JsonLine open(char bracket) {
        raw(bracket);
        first = true;
        return this;
    }

    JsonLine close(char bracket) {
        raw(bracket);
        first = false;
        return this;
    }

    /** Writes the comma before every element but the first. */
    JsonLine next() {
        if (!first) {
            raw(',');
        }
        first = false;
        return this;
    }

    /** Writes a member's name: ASCII that needs no escape. */
    JsonLine name(String plain) {
        return next().literal("\"").literal(plain).literal("\":");
    }

    JsonLine member(String name, @Nullable String value) {
        name(name);
        return value == null ? literal("null") : text(value);
    }

    JsonLine member(String name, long value) {
        return name(name).literal(Long.toString(value));
    }

    JsonLine member(String name, boolean value) {
        return name(name).literal(Boolean.toString(value));
    }

    /** RFC 3339, UTC, milliseconds. */
    JsonLine member(String name, Instant time) {
        name(name);
        LocalDateTime utc = LocalDateTime.ofEpochSecond(time.getEpochSecond(), time.getNano(), ZoneOffset.UTC);
        raw('"');
        digits(utc.getYear(), 4).raw('-');
        digits(utc.getMonthValue(), 2).raw('-');
        digits(utc.getDayOfMonth(), 2).raw('T');
        digits(utc.getHour(), 2).raw(':');
        digits(utc.getMinute(), 2).raw(':');
        digits(utc.getSecond(), 2).raw('.');
        digits(utc.getNano() / 1_000_000, 3).raw('Z');
        raw('"');
        return this;
    }

    @SuppressWarnings("deprecation") // not for other characters; these it copies, and makes no array
    JsonLine literal(String ascii) {
        room(ascii.length());
        ascii.getBytes(0, ascii.length(), bytes, length);
        length += ascii.length();
        return this;
    }

    /** A string with its quotes. */
    JsonLine text(String value) {
        raw('"');
        part(value);
        raw('"');
        return this;
    }

    /** What stands between a string's quotes. */
    JsonLine part(String value) {
        int end = Math.min(value.length(), MAX_STRING);
        if (end < value.length() && Character.isHighSurrogate(value.charAt(end - 1))) {
            end--;
        }
        int written = plain(value, 0, end);
        while (written < end) {
            written = plain(value, special(value, written, end), end);
        }
        return this;
    }

    /** Writes characters that stand for themselves; the index of the first that does not, or the end. */
    private int plain(String value, int from, int end) {
        room(end - from);
        byte[] out = bytes;
        int shift = length - from;
        int i = from;
        for (; i < end; i++) {
            char c = value.charAt(i);
            if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\') {
                break;
            }
            out[i + shift] = (byte) c;
        }
        length = i + shift;
        return i;
    }

    /** Writes one character that does not stand for itself; the index behind it. */
    private int special(String value, int at, int end) {
        char c = value.charAt(at);
        if (c == '"' || c == '\\') {
            raw('\\');
            raw(c);
        } else if (Character.isSurrogate(c)) {
            return surrogate(c, value, at, end);
        } else if (Printable.isEscaped(c)) {
            escape(c);
        } else if (c < 0x800) {
            raw(0xc0 | c >> 6);
            raw(0x80 | c & 0x3f);
        } else {
            three(c);
        }
        return at + 1;
    }

    /** Writes a pair, or a replacement character for a half that stands alone; the index behind it. */
    private int surrogate(char c, String value, int at, int end) {
        if (!Character.isHighSurrogate(c) || at + 1 >= end || !Character.isLowSurrogate(value.charAt(at + 1))) {
            three(0xfffd);
            return at + 1;
        }
        int point = Character.toCodePoint(c, value.charAt(at + 1));
        if (Printable.isEscaped(point)) {
            escape(c);
            escape(value.charAt(at + 1));
        } else {
            raw(0xf0 | point >> 18);
            raw(0x80 | point >> 12 & 0x3f);
            raw(0x80 | point >> 6 & 0x3f);
            raw(0x80 | point & 0x3f);
        }
        return at + 2;
    }

    private void escape(char c) {
        raw('\\');
        raw('u');
        for (int shift = 12; shift >= 0; shift -= 4) {
            raw(HEX[c >> shift & 15]);
        }
    }

    private void three(int c) {
        raw(0xe0 | c >> 12);
        raw(0x80 | c >> 6 & 0x3f);
        raw(0x80 | c & 0x3f);
    }

    private JsonLine digits(int value, int width) {
        int divisor = width == 4 ? 1000 : width == 3 ? 100 : 10;
        for (; divisor > 0; divisor /= 10) {
            raw('0' + value / divisor % 10);
        }
        return this;
    }

    private void raw(int value) {
        room(1);
        bytes[length++] = (byte) value;
    }

    private void room(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }

    /** The line, which is ended by it: what is written behind it is another. */
    byte[] toBytes() {
        byte[] line = Arrays.copyOf(bytes, length);
        if (bytes.length > 0 && bytes.length <= MAX_KEPT) {
            OF_THREAD.get().bytes = bytes;
        }
        bytes = NONE;
        length = 0;
        return line;
    }
}
