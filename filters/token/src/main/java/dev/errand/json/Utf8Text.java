package dev.errand.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Builds a text in UTF-8. Each thread lends one array to one text at a time, so that a text of a few kilobytes, which
 * every call makes, does not allocate and grow an array. A text that is begun while the array is lent gets a new one.
 * Not thread-safe.
 */
public class Utf8Text {
    private static final int ROOM = 4096;

    /** The longest array that a thread keeps, in bytes. */
    private static final int MAX_KEPT = 1 << 15;

    private static final byte[] NONE = {};

    private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

    private static final ThreadLocal<Free> OF_THREAD = ThreadLocal.withInitial(Free::new);

    private byte[] bytes = taken();
    private int length;

    /** Holds a thread's array while no text uses it. */
    private static final class Free {
        private byte @Nullable [] bytes;
    }

    private static byte[] taken() {
        Free free = OF_THREAD.get();
        byte[] taken = free.bytes;
        free.bytes = null;
        return taken == null ? new byte[ROOM] : taken;
    }

    /** Appends ASCII text. Other characters would be corrupted. */
    @SuppressWarnings("deprecation") // deprecated since it corrupts other characters; it makes no array
    public final Utf8Text ascii(String ascii) {
        room(ascii.length());
        ascii.getBytes(0, ascii.length(), bytes, length);
        length += ascii.length();
        return this;
    }

    /** Appends any text. Above some 64 characters the JDK's encoder is faster, although it makes an array. */
    public final Utf8Text append(String text) {
        int end = text.length();
        int written = end > 64 ? 0 : run(text, 0, end, false);
        return written == end ? this : append(text.substring(written).getBytes(StandardCharsets.UTF_8));
    }

    /** Appends bytes that are UTF-8 already. */
    public final Utf8Text append(byte[] utf8) {
        room(utf8.length);
        System.arraycopy(utf8, 0, bytes, length, utf8.length);
        length += utf8.length;
        return this;
    }

    /** Appends the bytes in base64url, without an array of their own. */
    public final Utf8Text base64Url(byte[] data) {
        int begun = length;
        int encoded = (data.length * 4 + 2) / 3;
        room(encoded + begun);
        // The JDK's encoder writes at the beginning only, so what stands there is laid aside.
        System.arraycopy(bytes, 0, bytes, encoded + begun, begun);
        BASE64URL.encode(data, bytes);
        System.arraycopy(bytes, 0, bytes, begun, encoded);
        System.arraycopy(bytes, encoded + begun, bytes, 0, begun);
        length = begun + encoded;
        return this;
    }

    /** Appends one ASCII character. */
    public final Utf8Text append(char ascii) {
        put(ascii);
        return this;
    }

    /**
     * Appends characters up to the first that is not ASCII, or in JSON needs an escape. Returns the index of that
     * character.
     */
    final int run(String text, int from, int end, boolean json) {
        room(end - from);
        byte[] out = bytes;
        int shift = length - from;
        int i = from;
        for (; i < end; i++) {
            char c = text.charAt(i);
            if (c >= 0x7f || (json && (c < 0x20 || c == '"' || c == '\\'))) {
                break;
            }
            out[i + shift] = (byte) c;
        }
        length = i + shift;
        return i;
    }

    final void put(int value) {
        room(1);
        bytes[length++] = (byte) value;
    }

    /** Appends a code point from U+0080 upwards. */
    final void putPoint(int point) {
        if (point < 0x800) {
            put(0xc0 | point >> 6);
        } else {
            if (point < 0x10000) {
                put(0xe0 | point >> 12);
            } else {
                put(0xf0 | point >> 18);
                put(0x80 | point >> 12 & 0x3f);
            }
            put(0x80 | point >> 6 & 0x3f);
        }
        put(0x80 | point & 0x3f);
    }

    /** The last byte; 0 if there is none. */
    final int last() {
        return length == 0 ? 0 : bytes[length - 1];
    }

    private void room(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }

    /** Ends the text and returns it. What is written afterwards is a new text. */
    public final byte[] toBytes() {
        byte[] text = Arrays.copyOf(bytes, length);
        end();
        return text;
    }

    /** Reads a text in place. The array is only lent: it holds other bytes as soon as the reader has returned. */
    @FunctionalInterface
    public interface Reader<T> {
        T read(byte[] bytes, int length);
    }

    /** The reader's result of the text so far, which goes on. */
    public final <T> T readSoFar(Reader<T> reader) {
        return reader.read(bytes, length);
    }

    /** Ends the text and returns the reader's result. Unlike {@link #toBytes} it makes no array. */
    public final <T> T read(Reader<T> reader) {
        try {
            return readSoFar(reader);
        } finally {
            end();
        }
    }

    private void end() {
        if (bytes.length > 0 && bytes.length <= MAX_KEPT) {
            OF_THREAD.get().bytes = bytes;
        }
        bytes = NONE;
        length = 0;
    }
}
