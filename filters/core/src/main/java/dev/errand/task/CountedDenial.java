package dev.errand.task;

/**
 * A denial that counts towards the reaction to repeated denials. Immutable.
 *
 * @param atMillis when it was counted, epoch milliseconds
 * @param kind a hash of the refusal's code and operations or, if it has none, of what was asked; 0 for the cut of a child,
 *     which is like no other denial
 */
public record CountedDenial(long atMillis, long kind) {
    /** The kind of the cut of a child. */
    public static final long CUT = 0;

    void write(RecordBytes out, long baseMillis) {
        out.writeSigned(baseMillis - atMillis);
        out.writeSigned(kind);
    }

    static CountedDenial read(RecordBytes in, long baseMillis) {
        return new CountedDenial(baseMillis - in.readSigned(), in.readSigned());
    }
}
