package dev.errand.sequence.binding;

import java.util.Arrays;

/**
 * Writes values and numbers as bytes. Numbers have a variable length, seven bits in each byte, lowest first. Not
 * thread-safe.
 */
public final class ValueBytes {
    private static final int LONGEST_NUMBER = 10;

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

    private void room(int more) {
        if (bytes.length - at < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, at + more));
        }
    }

    public byte[] written() {
        return Arrays.copyOf(bytes, at);
    }
}
