package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The live objects of another virtual machine, as its heap dump (HPROF 1.0.2) tells them: of all arrays of bytes and characters those that
 * hold a text.
 */
final class HeapDump {
    private static final int SEGMENT = 0x1c;
    private static final int WHOLE = 0x0c;
    private static final int CHAR = 5;
    private static final int BYTE = 8;

    private final DataInputStream in;
    private final int idSize;
    private final List<byte[]> texts;
    private final List<String> found = new ArrayList<>();

    private HeapDump(DataInputStream in, int idSize, List<byte[]> texts) {
        this.in = in;
        this.idSize = idSize;
        this.texts = texts;
    }

    /** Which of the texts live objects of that process hold, each with the length of the array that holds it. */
    static List<String> search(Process process, Path file, List<String> texts) throws Exception {
        String jcmd = System.getProperty("java.home") + File.separator + "bin" + File.separator + "jcmd";
        assertThat(ServerProcess.run(jcmd, Long.toString(process.pid()), "GC.heap_dump", file.toString()))
                .contains("created");
        List<byte[]> both = new ArrayList<>();
        for (String text : texts) {
            both.add(text.getBytes(StandardCharsets.ISO_8859_1));
            both.add(text.getBytes(StandardCharsets.UTF_16BE));
            both.add(text.getBytes(StandardCharsets.UTF_16LE));
        }
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 20))) {
            while (in.readByte() != 0) {
                // the name of the format
            }
            HeapDump dump = new HeapDump(in, in.readInt(), both);
            in.skipNBytes(8);
            dump.records();
            return dump.found;
        } finally {
            Files.delete(file);
        }
    }

    private void records() throws IOException {
        while (true) {
            int tag;
            try {
                tag = in.readUnsignedByte();
            } catch (EOFException end) {
                return;
            }
            in.skipNBytes(4);
            long length = Integer.toUnsignedLong(in.readInt());
            if (tag == SEGMENT || tag == WHOLE) {
                objects(length);
            } else {
                in.skipNBytes(length);
            }
        }
    }

    private void objects(long length) throws IOException {
        long left = length;
        while (left > 0) {
            left -= 1 + object(in.readUnsignedByte());
        }
    }

    /** Reads one object or root, and tells how long it is. */
    private long object(int kind) throws IOException {
        return switch (kind) {
            case 0xff, 0x05, 0x07 -> skip(idSize);
            case 0x01 -> skip(2L * idSize);
            case 0x02, 0x03, 0x08 -> skip(idSize + 8L);
            case 0x04, 0x06 -> skip(idSize + 4L);
            case 0x20 -> type();
            case 0x21 -> {
                skip(2L * idSize + 4);
                int bytes = in.readInt();
                yield 2L * idSize + 8 + skip(bytes);
            }
            case 0x22 -> {
                skip(idSize + 4L);
                int count = in.readInt();
                yield idSize + 8L + skip(idSize + (long) count * idSize);
            }
            case 0x23 -> array();
            default -> throw new IOException("an object of kind " + kind);
        };
    }

    private long type() throws IOException {
        long length = skip(7L * idSize + 8);
        int constants = in.readUnsignedShort();
        length += 2;
        for (int i = 0; i < constants; i++) {
            skip(2);
            length += 3 + skip(size(in.readUnsignedByte()));
        }
        int statics = in.readUnsignedShort();
        length += 2;
        for (int i = 0; i < statics; i++) {
            skip(idSize);
            length += idSize + 1L + skip(size(in.readUnsignedByte()));
        }
        int fields = in.readUnsignedShort();
        return length + 2 + skip(fields * (idSize + 1L));
    }

    private long array() throws IOException {
        skip(idSize + 4L);
        int count = in.readInt();
        int type = in.readUnsignedByte();
        long bytes = (long) count * size(type);
        if ((type == BYTE || type == CHAR) && bytes < Integer.MAX_VALUE) {
            byte[] content = in.readNBytes((int) bytes);
            for (byte[] text : texts) {
                if (contains(content, text)) {
                    found.add(new String(text, StandardCharsets.ISO_8859_1) + " in an array of " + bytes + " bytes");
                }
            }
        } else {
            skip(bytes);
        }
        return idSize + 9L + bytes;
    }

    private static boolean contains(byte[] content, byte[] text) {
        for (int i = 0; i + text.length <= content.length; i++) {
            if (content[i] == text[0] && Arrays.equals(content, i, i + text.length, text, 0, text.length)) {
                return true;
            }
        }
        return false;
    }

    private int size(int type) throws IOException {
        return switch (type) {
            case 2 -> idSize;
            case 4, BYTE -> 1;
            case CHAR, 9 -> 2;
            case 6, 10 -> 4;
            case 7, 11 -> 8;
            default -> throw new IOException("a value of type " + type);
        };
    }

    private long skip(long bytes) throws IOException {
        in.skipNBytes(bytes);
        return bytes;
    }
}
