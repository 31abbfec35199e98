package dev.errand.web.stage;

import java.io.ByteArrayOutputStream;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;

/**
 * Reads a body that comes in parts without those escapes of JSON (RFC 8259 section 7) with which a credential can be written.
 * Any other text stays nearly as it is: only backslashes are lost, and what breaks off an escape ends a credential. Not thread-safe.
 */
final class JsonEscapes {
    /** The most bytes with which one byte is written: a backslash, {@code u} and the digits. */
    static final int MOST_BYTES = 6;

    private static final int HEX_DIGITS = 4;

    /** Stands for a character that no credential has. */
    private static final int FOREIGN = 0x80;

    private boolean escaped;
    /** How many hexadecimal digits are to come, and what those so far mean. */
    private int digits;

    private int code;

    /** The part without its escapes: the same instance if there are none. The caller still has to release the part. */
    DataBuffer without(DataBuffer part) {
        if (!escaped && digits == 0 && part.indexOf(b -> b == '\\', part.readPosition()) < 0) {
            return part;
        }
        ByteArrayOutputStream plain = new ByteArrayOutputStream(part.readableByteCount());
        for (int i = part.readPosition(); i < part.writePosition(); i++) {
            take(part.getByte(i), plain);
        }
        return DefaultDataBufferFactory.sharedInstance.wrap(plain.toByteArray());
    }

    private void take(byte next, ByteArrayOutputStream plain) {
        int digit = digits > 0 ? Character.digit(next, 16) : -1;
        if (digit >= 0) {
            code = code * 16 + digit;
            if (--digits == 0) {
                plain.write(code < FOREIGN ? code : FOREIGN);
            }
            return;
        }
        if (digits > 0) {
            digits = 0;
            plain.write(FOREIGN);
        }
        if (escaped) {
            escaped = false;
            if (next == 'u') {
                digits = HEX_DIGITS;
                code = 0;
            } else {
                plain.write(next);
            }
        } else if (next == '\\') {
            escaped = true;
        } else {
            plain.write(next);
        }
    }
}
