package dev.errand.task;

import dev.errand.token.TokenId;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes being written or read: fixed 8-byte numbers, variable-length numbers and length-prefixed bytes. */
public final class RecordBytes {
    private byte[] bytes;
    private int at;

    private RecordBytes(byte[] bytes, int at) {
        this.bytes = bytes;
        this.at = at;
    }

    public static RecordBytes empty() {
        return new RecordBytes(new byte[512], 0);
    }

    public static RecordBytes ofSize(int bytes) {
        return new RecordBytes(new byte[bytes], 0);
    }

    public static RecordBytes of(byte[] written, int offset) {
        return new RecordBytes(written, offset);
    }

    public byte[] written() {
        return Arrays.copyOf(bytes, at);
    }

    public boolean isAtEnd() {
        return at == bytes.length;
    }

    public void writeByte(int value) {
        room(1);
        bytes[at++] = (byte) value;
    }

    public void writeFixed(long value) {
        for (int shift = 56; shift >= 0; shift -= 8) {
            writeByte((int) (value >>> shift));
        }
    }

    /** Writes a number with variable length: small non-negative numbers take one byte, negative ones ten. */
    public void writeVar(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            writeByte((int) (rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        writeByte((int) rest);
    }

    /** Writes a signed number with variable length: numbers near zero, positive or negative, are short. */
    public void writeSigned(long value) {
        writeVar((value << 1) ^ (value >> 63));
    }

    public void writeBytes(byte[] value) {
        writeVar(value.length);
        writeRaw(value);
    }

    public void writeRaw(byte[] value) {
        room(value.length);
        System.arraycopy(value, 0, bytes, at, value.length);
        at += value.length;
    }

    /** Writes the 32 bytes of a token's id. */
    void writeHash(TokenId id) {
        room(TokenId.SHA256_BYTES);
        id.copyTo(bytes, at);
        at += TokenId.SHA256_BYTES;
    }

    public void writeText(String value) {
        writeBytes(value.getBytes(StandardCharsets.UTF_8));
    }

    private void room(int more) {
        if (bytes.length - at < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, at + more));
        }
    }

    public int readByte() {
        if (at >= bytes.length) {
            throw new IllegalArgumentException("the record ends early");
        }
        return bytes[at++] & 0xFF;
    }

    public long readFixed() {
        long value = 0;
        for (int i = 0; i < 8; i++) {
            value = (value << 8) | readByte();
        }
        return value;
    }

    public long readVar() {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            int b = readByte();
            value |= (long) (b & 0x7F) << shift;
            if ((b & 0x80) == 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("a number in the record is too long");
    }

    public long readSigned() {
        long value = readVar();
        return (value >>> 1) ^ -(value & 1);
    }

    /** Reads a count of elements that take at least one byte each. */
    public int readCount() {
        long count = readVar();
        if (count < 0 || count > bytes.length - at) {
            throw new IllegalArgumentException("a count in the record is too large");
        }
        return (int) count;
    }

    /** Reads an index into a short list, at most 65,535. */
    public int readIndex() {
        long index = readVar();
        if (index < 0 || index > 0xFFFF) {
            throw new IllegalArgumentException("an index in the record is too large");
        }
        return (int) index;
    }

    public byte[] readBytes() {
        return readRaw(readCount());
    }

    public byte[] readRaw(int length) {
        if (length > bytes.length - at) {
            throw new IllegalArgumentException("the record ends early");
        }
        byte[] value = Arrays.copyOfRange(bytes, at, at + length);
        at += length;
        return value;
    }

    /** Reads all that is left. */
    public byte[] readRest() {
        return readRaw(bytes.length - at);
    }

    public String readText() {
        return new String(readBytes(), StandardCharsets.UTF_8);
    }
}
