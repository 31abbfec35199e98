package dev.errand.offline.replay;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Numbers and texts packed into a growing array, to be read in the order in which they were written. Not thread-safe. */
final class PackedBytes {
    private final PackedValues<String> strings;
    private byte[] bytes;
    private int length;
    private int at;

    PackedBytes(PackedValues<String> strings) {
        this.strings = strings;
        this.bytes = new byte[64];
    }

    private PackedBytes(PackedValues<String> strings, byte[] bytes, int length) {
        this.strings = strings;
        this.bytes = bytes;
        this.length = length;
    }

    /** A reader from the beginning; nothing may be written while it reads. */
    PackedBytes read() {
        return new PackedBytes(strings, bytes, length);
    }

    boolean isAtEnd() {
        return at == length;
    }

    private void put(int one) {
        if (length == bytes.length) {
            bytes = Arrays.copyOf(bytes, length + (length >> 1));
        }
        bytes[length++] = (byte) one;
    }

    /** Writes any number; one near 0 takes a byte. */
    void number(long number) {
        long rest = number << 1 ^ number >> 63;
        while (rest >>> 7 != 0) {
            put((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        put((int) rest);
    }

    long number() {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte one = bytes[at++];
            value |= (long) (one & 0x7F) << shift;
            if (one >= 0) {
                return value >>> 1 ^ -(value & 1);
            }
        }
    }

    /** Writes a text that other records repeat: as its number if it has one, else in full. */
    void repeated(@Nullable String text) {
        int number = strings.number(text);
        number(number);
        if (number == PackedValues.NONE && text != null) {
            unique(text);
        }
    }

    @Nullable String repeated() {
        int number = (int) number();
        return number == PackedValues.NONE ? unique() : strings.value(number);
    }

    /** Writes a text that no other record has. */
    void unique(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        number(utf8.length);
        for (byte one : utf8) {
            put(one);
        }
    }

    String unique() {
        int size = (int) number();
        at += size;
        return new String(bytes, at - size, size, StandardCharsets.UTF_8);
    }
}
