package dev.errand.token;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Unpadded base64url (RFC 7515 section 2), read strictly: only one text stands for given bytes. It uses the JDK's
 * decoder, which like Nimbus's would also accept padding, and set bits that belong to no byte. Thread-safe.
 */
public final class Base64Url {
    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();
    private static final Base64.Decoder DECODER = Base64.getUrlDecoder();
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    private Base64Url() {}

    /** The text of the bytes. */
    public static String encode(byte[] bytes) {
        return ENCODER.encodeToString(bytes);
    }

    /** The text of the bytes, in ASCII. */
    public static byte[] encodeToBytes(byte[] bytes) {
        return ENCODER.encode(bytes);
    }

    /** The bytes; null if the text has padding, white space, another alphabet, or bits set that no byte uses. */
    public static byte @Nullable [] decode(String text) {
        byte[] latin1 = text.getBytes(StandardCharsets.ISO_8859_1);
        return decode(latin1, 0, latin1.length);
    }

    /** Like {@link #decode(String)}, for the text in Latin-1 between two places of the array. */
    public static byte @Nullable [] decode(byte[] text, int from, int to) {
        int length = to - from;
        int rest = length % 4;
        if (rest == 1 || (length > 0 && text[to - 1] == '=')) {
            return null;
        }
        if (rest != 0) {
            int last = ALPHABET.indexOf(text[to - 1]);
            if (last < 0 || (last & (rest == 2 ? 0xF : 0x3)) != 0) {
                return null;
            }
        }
        try {
            ByteBuffer decoded = DECODER.decode(ByteBuffer.wrap(text, from, length));
            return decoded.remaining() == decoded.array().length
                    ? decoded.array()
                    : Arrays.copyOf(decoded.array(), decoded.remaining());
        } catch (IllegalArgumentException notBase64) {
            return null;
        }
    }

    /** Like {@link #decode(String)}; null also if the text does not hold exactly so many bytes. */
    public static byte @Nullable [] decode(String text, int bytes) {
        byte[] decoded = text.length() > bytes * 2 ? null : decode(text);
        return decoded != null && decoded.length == bytes ? decoded : null;
    }
}
