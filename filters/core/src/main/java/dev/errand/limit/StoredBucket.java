package dev.errand.limit;

import io.github.bucket4j.BucketState;
import io.github.bucket4j.BucketState64BitsInteger;
import io.github.bucket4j.distributed.serialization.DeserializationAdapter;
import io.github.bucket4j.distributed.serialization.Scope;
import io.github.bucket4j.distributed.serialization.SerializationAdapter;
import io.github.bucket4j.distributed.versioning.Versions;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Converts Bucket4j's state of one bandwidth to a {@link BucketLevel} and back, through its public serialization: three
 * numbers, in the order last refill, tokens, rounding error.
 */
final class StoredBucket {
    private static final int NUMBERS = 3;

    private StoredBucket() {}

    static BucketLevel level(BucketState state) {
        long[][] stored = new long[1][];
        try {
            BucketState64BitsInteger.SERIALIZATION_HANDLE.serialize(
                    Writer.INSTANCE,
                    stored,
                    (BucketState64BitsInteger) state,
                    Versions.getLatest(),
                    Scope.PERSISTED_STATE);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        long[] numbers = stored[0];
        if (numbers == null || numbers.length != NUMBERS) {
            throw new IllegalStateException("Bucket4j stores a bandwidth in another form than the three numbers known");
        }
        return new BucketLevel(numbers[0], numbers[1], numbers[2]);
    }

    static BucketState state(BucketLevel level) {
        try {
            return BucketState64BitsInteger.SERIALIZATION_HANDLE.deserialize(Reader.INSTANCE, level);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private static UnsupportedOperationException otherForm() {
        return new UnsupportedOperationException("Bucket4j's stored form of a bucket has changed");
    }

    private static final class Writer implements SerializationAdapter<long[][]> {
        private static final Writer INSTANCE = new Writer();

        @Override
        public void writeInt(long[][] target, int version) {}

        @Override
        public void writeLongArray(long[][] target, long[] value) {
            target[0] = value;
        }

        @Override
        public void writeBoolean(long[][] target, boolean value) {
            throw otherForm();
        }

        @Override
        public void writeByte(long[][] target, byte value) {
            throw otherForm();
        }

        @Override
        public void writeLong(long[][] target, long value) {
            throw otherForm();
        }

        @Override
        public void writeDoubleArray(long[][] target, double[] value) {
            throw otherForm();
        }

        @Override
        public void writeString(long[][] target, String value) {
            throw otherForm();
        }
    }

    private static final class Reader implements DeserializationAdapter<BucketLevel> {
        private static final Reader INSTANCE = new Reader();

        @Override
        public int readInt(BucketLevel source) {
            return Versions.v_7_0_0.getNumber();
        }

        @Override
        public long[] readLongArray(BucketLevel source) {
            return new long[] {source.refilledAtNanos(), source.tokens(), source.roundingError()};
        }

        @Override
        public boolean readBoolean(BucketLevel source) {
            throw otherForm();
        }

        @Override
        public byte readByte(BucketLevel source) {
            throw otherForm();
        }

        @Override
        public long readLong(BucketLevel source) {
            throw otherForm();
        }

        @Override
        public double[] readDoubleArray(BucketLevel source) {
            throw otherForm();
        }

        @Override
        public String readString(BucketLevel source) {
            throw otherForm();
        }
    }
}
