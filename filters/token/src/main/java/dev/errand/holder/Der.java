package dev.errand.holder;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Writes the few DER types (X.690) that a certificate consists of. The JDK reads certificates and cannot write them; a
 * library for that would be larger than the companion. Thread-safe.
 */
public final class Der {
    private static final int SEQUENCE = 0x30;
    private static final int SET = 0x31;
    private static final int INTEGER = 0x02;
    private static final int BITS = 0x03;
    private static final int OCTETS = 0x04;
    private static final int OBJECT = 0x06;
    private static final int UTF8 = 0x0c;
    private static final int GENERALIZED_TIME = 0x18;
    private static final int CONTEXT = 0x80;
    private static final int CONSTRUCTED = 0x20;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMddHHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private Der() {}

    public static byte[] sequence(byte[]... parts) {
        return tagged(SEQUENCE, parts);
    }

    public static byte[] set(byte[]... parts) {
        return tagged(SET, parts);
    }

    /**
     * A number.
     *
     * @param value big-endian, not negative
     */
    public static byte[] integer(byte[] value) {
        return value[0] < 0 ? tagged(INTEGER, new byte[1], value) : tagged(INTEGER, value);
    }

    public static byte[] bits(byte[] value) {
        return tagged(BITS, new byte[1], value);
    }

    /** Flags of one octet. */
    public static byte[] flags(int unused, int value) {
        return tagged(BITS, new byte[] {(byte) unused, (byte) value});
    }

    public static byte[] octets(byte[] value) {
        return tagged(OCTETS, value);
    }

    public static byte[] utf8(String text) {
        return tagged(UTF8, text.getBytes(StandardCharsets.UTF_8));
    }

    public static byte[] time(Instant time) {
        return tagged(GENERALIZED_TIME, TIME.format(time).getBytes(StandardCharsets.US_ASCII));
    }

    public static byte[] yes() {
        return new byte[] {0x01, 0x01, (byte) 0xff};
    }

    /** A context-specific tag over primitive content. */
    public static byte[] context(int number, byte[] content) {
        return tagged(CONTEXT | number, content);
    }

    /** A context-specific tag over other elements. */
    public static byte[] within(int number, byte[]... parts) {
        return tagged(CONTEXT | CONSTRUCTED | number, parts);
    }

    /** An object identifier in dotted decimals. */
    public static byte[] object(String dotted) {
        String[] arcs = dotted.split("\\.");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(Integer.parseInt(arcs[0]) * 40 + Integer.parseInt(arcs[1]));
        for (int i = 2; i < arcs.length; i++) {
            int arc = Integer.parseInt(arcs[i]);
            for (int shift = 28; shift > 0; shift -= 7) {
                if (arc >>> shift != 0) {
                    out.write(arc >>> shift & 0x7f | 0x80);
                }
            }
            out.write(arc & 0x7f);
        }
        return tagged(OBJECT, out.toByteArray());
    }

    private static byte[] tagged(int tag, byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(length + 6);
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else if (length < 0x100) {
            out.write(0x81);
            out.write(length);
        } else {
            out.write(0x82);
            out.write(length >> 8);
            out.write(length);
        }
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
