package dev.errand.sequence;

import dev.errand.sequence.rule.Value;
import dev.errand.token.Base64Url;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes values and numbers as bytes. Numbers have a variable length, seven bits in each byte, lowest first. Not
 * thread-safe.
 */
final class ValueBytes {
    private static final int LONGEST_NUMBER = 10;
    private static final int LONGEST_NAME = 254;

    /** A decision id is this and 22 base64url characters, 16 bytes. */
    private static final String PREFIX = "d-";

    private static final int ID_BYTES = 16;

    private byte[] bytes = new byte[256];
    private int at;

    public void write(int value) {
        room(1);
        bytes[at++] = (byte) value;
    }

    /** Writes four bytes. */
    public void writeInt(int value) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            write(value >>> shift);
        }
    }

    /** Writes eight bytes. */
    public void writeLong(long value) {
        writeInt((int) (value >>> 32));
        writeInt((int) value);
    }

    public void number(long number) {
        room(LONGEST_NUMBER);
        long left = number;
        while ((left & ~0x7FL) != 0) {
            bytes[at++] = (byte) ((left & 0x7F) | 0x80);
            left >>>= 7;
        }
        bytes[at++] = (byte) left;
    }

    public void value(Value value) {
        if (value.equals(Value.ABSENT)) {
            write(0);
        } else if (value.equals(Value.ANY)) {
            write(1);
        } else if (value.isNumber()) {
            write(3);
            number(value.low());
        } else {
            write(2);
            writeLong(value.high());
            writeLong(value.low());
        }
    }

    /** Writes a name of at most {@value #LONGEST_NAME} bytes; a decision id of the usual form takes 17 bytes. */
    public void name(String name) {
        byte[] id = name.startsWith(PREFIX) ? Base64Url.decode(name.substring(PREFIX.length()), ID_BYTES) : null;
        byte[] text = id == null ? name.getBytes(StandardCharsets.UTF_8) : id;
        if (text.length > LONGEST_NAME) {
            throw new IllegalArgumentException("a name of more than " + LONGEST_NAME + " bytes");
        }
        write(id == null ? text.length + 1 : 0);
        for (byte each : text) {
            write(each);
        }
    }

    /**
     * Reads what {@link #name} wrote.
     *
     * @throws java.nio.BufferUnderflowException if it is too short
     */
    public static String name(ByteBuffer in) {
        int length = Byte.toUnsignedInt(in.get());
        byte[] text = new byte[length == 0 ? ID_BYTES : length - 1];
        in.get(text);
        return length == 0 ? PREFIX + Base64Url.encode(text) : new String(text, StandardCharsets.UTF_8);
    }

    private void room(int more) {
        if (bytes.length - at < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, at + more));
        }
    }

    public byte[] written() {
        return Arrays.copyOf(bytes, at);
    }
}
