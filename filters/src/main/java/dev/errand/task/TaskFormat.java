package dev.errand.task;

import dev.errand.bytes.Sha256;
import java.nio.ByteBuffer;

/**
 * The formats of a task's record, by their number, which is the first byte of a record. A build reads all of them and writes the
 * one that {@code errand.state.format} names.
 */
public final class TaskFormat {
    /** The oldest that is still written: the record in one piece. */
    public static final int OLDEST = WholeRecord.FORMAT;

    /** The newest: a record and its parts. */
    public static final int NEWEST = PartedRecord.FORMAT;

    private TaskFormat() {}

    /** 64 bits of the SHA-256 of a text. */
    static long fingerprint(String text) {
        return ByteBuffer.wrap(Sha256.of(text)).getLong();
    }
}
