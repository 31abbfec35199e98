package dev.errand.task;

import dev.errand.limit.BucketLevel;
import dev.errand.sequence.SequenceState;
import dev.errand.token.Sha256;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The state of a candidate for one task: its own calls, buckets, plan and rules, kept beside the task's and changed by
 * the calls that were sent. It is decoded only when a step needs it, so a build or a replica without the candidate
 * keeps its bytes unchanged. Immutable.
 */
public sealed interface CandidateState {
    /** No candidate judged the task. */
    CandidateState NONE = new Written(new byte[0], 0);

    /** The most bytes of the stored form. A candidate whose state would be longer stops judging the task. */
    int MAX_BYTES = 1 << 20;

    /**
     * The stored form: a format byte, 8 bytes of the candidate's revision, flags, and the state; empty for
     * {@link #NONE}.
     */
    byte[] written(long baseMillis);

    /** The approximate size in memory, in bytes. */
    long weight();

    /**
     * A stored state that was not decoded.
     *
     * @param baseMillis the time from which its times are counted, epoch milliseconds
     */
    record Written(byte[] bytes, long baseMillis) implements CandidateState {
        @Override
        public byte[] written(long base) {
            return bytes;
        }

        @Override
        public long weight() {
            return bytes.length;
        }
    }

    /** A candidate that stopped judging the task: its state became too long, or it met a fault. */
    record Given(long candidate) implements CandidateState {
        @Override
        public byte[] written(long base) {
            RecordBytes out = head(candidate, GIVEN_UP);
            return out.written();
        }

        @Override
        public long weight() {
            return Long.BYTES;
        }
    }

    /**
     * A decoded state of a candidate that judges the task.
     *
     * @param policy the candidate
     * @param fingerprint 64 bits of the digest of its revision
     * @param partial whether the task began before the candidate
     * @param untrusted whether untrusted content has reached the task since then
     * @param calls how many calls were sent
     * @param buckets the levels of the buckets that are not full
     * @param bytes the stored form, if it was made already
     */
    record Live(
            TaskPolicy policy,
            long fingerprint,
            boolean partial,
            boolean untrusted,
            long calls,
            Map<BucketName, BucketLevel> buckets,
            SequenceState sequence,
            byte @Nullable [] bytes)
            implements CandidateState {
        /** The state before the first call that the candidate sees. */
        public static Live empty(TaskPolicy candidate, boolean partial) {
            long fingerprint = Sha256.fingerprint(candidate.revision());
            return new Live(
                    candidate,
                    fingerprint,
                    partial,
                    false,
                    0,
                    Map.of(),
                    candidate.sequence().start(),
                    null);
        }

        /** The same state for the same revision, which may have been compiled again. */
        Live under(TaskPolicy same) {
            if (same == policy) {
                return this;
            }
            SequenceState read = same.sequence() == policy.sequence()
                    ? sequence
                    : same.sequence().read(policy.sequence().write(sequence));
            return new Live(same, fingerprint, partial, untrusted, calls, buckets, read, bytes);
        }

        public Live at(SequenceState next) {
            return next.equals(sequence)
                    ? this
                    : new Live(policy, fingerprint, partial, untrusted, calls, buckets, next, null);
        }

        /** The same state with its stored form; a {@link Given} if that is too long. */
        public CandidateState stored(long baseMillis) {
            byte[] made = written(baseMillis);
            return made.length > MAX_BYTES
                    ? new Given(fingerprint)
                    : new Live(policy, fingerprint, partial, untrusted, calls, buckets, sequence, made);
        }

        @Override
        public byte[] written(long baseMillis) {
            if (bytes != null) {
                return bytes;
            }
            RecordBytes out = head(fingerprint, (partial ? PARTIAL : 0) | (untrusted ? UNTRUSTED : 0));
            out.writeVar(calls);
            out.writeVar(buckets.size());
            buckets.forEach((name, level) -> {
                out.writeText(name.operation());
                out.writeVar(name.index());
                TokenBytes.writeLevel(out, level, baseMillis);
            });
            out.writeRaw(policy.sequence().write(sequence));
            return out.written();
        }

        @Override
        public long weight() {
            return bytes == null ? 256 : 256 + bytes.length;
        }
    }

    int FORMAT = 1;
    int PARTIAL = 1;
    int UNTRUSTED = 2;
    int GIVEN_UP = 4;

    private static RecordBytes head(long candidate, int flags) {
        RecordBytes out = RecordBytes.ofSize(64);
        out.writeByte(FORMAT);
        out.writeFixed(candidate);
        out.writeByte(flags);
        return out;
    }

    /** Whether no candidate judged the task. */
    default boolean isNone() {
        return this instanceof Written stored && stored.bytes().length == 0;
    }

    /** The state of that candidate: what {@link #find} finds, otherwise an empty one. */
    default CandidateState of(TaskPolicy candidate) {
        CandidateState found = find(candidate);
        return found == null ? Live.empty(candidate, true) : found;
    }

    /**
     * The state of that candidate; null if no candidate, or another one, judged the task last. Throws an
     * {@link IllegalArgumentException} if the bytes are damaged.
     */
    default @Nullable CandidateState find(TaskPolicy candidate) {
        if (this instanceof Live live) {
            return live.policy().revision().equals(candidate.revision()) ? live.under(candidate) : null;
        }
        if (this instanceof Given given) {
            return given.candidate() == Sha256.fingerprint(candidate.revision()) ? given : null;
        }
        return isNone() ? null : read(candidate, (Written) this);
    }

    private static @Nullable CandidateState read(TaskPolicy candidate, Written stored) {
        RecordBytes in = RecordBytes.of(stored.bytes(), 0);
        if (in.readByte() != FORMAT) {
            throw new IllegalArgumentException("the state of a candidate has an unknown format");
        }
        long revision = in.readFixed();
        if (revision != Sha256.fingerprint(candidate.revision())) {
            return null;
        }
        int flags = in.readByte();
        if ((flags & GIVEN_UP) != 0) {
            return new Given(revision);
        }
        long calls = in.readVar();
        Map<BucketName, BucketLevel> buckets = new HashMap<>();
        for (int left = in.readCount(); left > 0; left--) {
            buckets.put(BucketName.of(in.readText(), in.readIndex()), TokenBytes.readLevel(in, stored.baseMillis()));
        }
        SequenceState sequence = candidate.sequence().read(in.readRest());
        return new Live(
                candidate,
                revision,
                (flags & PARTIAL) != 0,
                (flags & UNTRUSTED) != 0,
                calls,
                buckets,
                sequence,
                stored.bytes());
    }
}
