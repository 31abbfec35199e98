package dev.errand.operation;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Decodes one component exactly once (RFC 3986 section 2), and encodes it canonically. Not thread-safe: one per
 * component.
 */
final class PercentEncoding {
    /** Stands for an encoded slash that is data, while bytes are decoded. A real NUL has been refused before. */
    private static final byte KEPT_SLASH = 0;

    private final StringBuilder spelled = new StringBuilder();
    private final byte[] bytes;
    private int length;
    private boolean keptSlash;
    private @Nullable String refusal;
    private String decoded = "";

    private PercentEncoding(int size) {
        this.bytes = new byte[size];
    }

    /** Reads a component whose raw characters the caller has checked. */
    static PercentEncoding of(String raw, boolean keepSlash) {
        PercentEncoding read = new PercentEncoding(raw.length());
        read.refusal = read.decode(raw, keepSlash);
        return read;
    }

    /** Why the component is malformed, or null. */
    @Nullable String refusal() {
        return refusal;
    }

    /** The component with no unreserved character encoded; other percent-encodings stay as they were sent. */
    String spelled() {
        return spelled.toString();
    }

    /** The decoded text; an encoded slash that is data stays {@code %2F}. */
    String decoded() {
        return decoded;
    }

    private @Nullable String decode(String raw, boolean keepSlash) {
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c != '%') {
                spelled.append(c);
                bytes[length++] = (byte) c;
                continue;
            }
            int high = i + 2 < raw.length() ? Character.digit(raw.charAt(i + 1), 16) : -1;
            int low = i + 2 < raw.length() ? Character.digit(raw.charAt(i + 2), 16) : -1;
            if (high < 0 || low < 0) {
                return "a percent sign without two hexadecimal digits";
            }
            int value = high * 16 + low;
            if (value < 0x20 || value == 0x7f) {
                return "an encoded control character";
            }
            if (UriCharacters.isUnreserved((char) value)) {
                spelled.append((char) value);
            } else {
                spelled.append(raw, i, i + 3);
            }
            boolean kept = keepSlash && value == '/';
            keptSlash |= kept;
            bytes[length++] = kept ? KEPT_SLASH : (byte) value;
            i += 2;
        }
        return text();
    }

    private @Nullable String text() {
        for (int i = 0; i + 2 < length; i++) {
            if (bytes[i] == '%' && Character.digit(bytes[i + 1], 16) >= 0 && Character.digit(bytes[i + 2], 16) >= 0) {
                return "double percent-encoding";
            }
        }
        try {
            decoded = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes, 0, length))
                    .toString();
        } catch (CharacterCodingException e) {
            return "percent-encoding that is not UTF-8";
        }
        for (int i = 0; i < decoded.length(); i++) {
            char c = decoded.charAt(i);
            if (c >= 0x80 && Character.isISOControl(c)) {
                return "an encoded control character";
            }
        }
        decoded = keptSlash ? decoded.replace("\0", "%2F") : decoded;
        return null;
    }
}
