package dev.errand.state;

import dev.errand.limit.Bandwidth;
import dev.errand.limit.BucketLevel;
import dev.errand.limit.TokenBucket;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The tasks that one human and agent started under one template, as far as the template's start limits need them.
 * Immutable and pure; both stores keep it.
 *
 * @param active the tasks that have not ended, each with its latest end, epoch milliseconds
 * @param level the level of the start limit's bucket, null while the bucket is full
 */
public record Admissions(Map<String, Long> active, @Nullable BucketLevel level) {
    public static final Admissions NONE = new Admissions(Map.of(), null);

    private static final int MAX_KEPT = 4096;

    public Admissions {
        active = Map.copyOf(active);
    }

    /**
     * The result of {@link #admit}.
     *
     * @param next the admissions afterwards
     * @param refused empty if admitted, otherwise how long to wait; zero if only the end of a task helps
     */
    public record Admitted(Admissions next, Optional<Duration> refused) {}

    /** Admits one more task, or refuses it. A task that is already admitted is admitted again without a debit. */
    public Admitted admit(
            String taskId, long expiresAtMillis, @Nullable Integer most, @Nullable Bandwidth limit, long nowMillis) {
        Map<String, Long> living = new LinkedHashMap<>(active);
        living.values().removeIf(until -> until <= nowMillis);
        if (living.containsKey(taskId)) {
            return new Admitted(this, Optional.empty());
        }
        if (living.size() >= (most == null ? MAX_KEPT : Math.min(most, MAX_KEPT))) {
            return new Admitted(this, Optional.of(Duration.ZERO));
        }
        BucketLevel after = level;
        if (limit != null) {
            TokenBucket bucket = TokenBucket.compile(limit);
            after = bucket.consume(level, 1, nowMillis);
            if (after == null) {
                return new Admitted(this, Optional.of(bucket.waitFor(level, 1, nowMillis)));
            }
        }
        if (most != null) {
            living.put(taskId, expiresAtMillis);
        }
        return new Admitted(new Admissions(living, after), Optional.empty());
    }

    /** The admissions after a task ended or its start failed; the debit stays. */
    public Admissions release(String taskId) {
        Map<String, Long> living = new LinkedHashMap<>(active);
        return living.remove(taskId) == null ? this : new Admissions(living, level);
    }

    /** These admissions with one start given back to the bucket of that limit. */
    public Admissions giveBack(Bandwidth limit, long nowMillis) {
        if (level == null) {
            return this;
        }
        long tokens = Math.min(limit.capacity(), level.tokens() + 1);
        BucketLevel more = new BucketLevel(level.refilledAtNanos(), tokens, level.roundingError());
        return new Admissions(active, TokenBucket.compile(limit).isFull(more, nowMillis) ? null : more);
    }

    /** The stored form: 1, then the bucket, then the tasks. */
    public byte[] write() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(1);
            out.writeBoolean(level != null);
            if (level != null) {
                out.writeLong(level.refilledAtNanos());
                out.writeLong(level.tokens());
                out.writeLong(level.roundingError());
            }
            out.writeInt(active.size());
            for (Map.Entry<String, Long> task : active.entrySet()) {
                out.writeUTF(task.getKey());
                out.writeLong(task.getValue());
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    /** Reads the bytes of {@link #write}; throws an {@link IllegalArgumentException} for any others. */
    public static Admissions read(byte[] written, int offset) {
        try (DataInputStream in =
                new DataInputStream(new ByteArrayInputStream(written, offset, written.length - offset))) {
            if (in.readByte() != 1) {
                throw new IllegalArgumentException("admissions of an unknown format");
            }
            BucketLevel level = in.readBoolean() ? new BucketLevel(in.readLong(), in.readLong(), in.readLong()) : null;
            Map<String, Long> active = new LinkedHashMap<>();
            for (int left = in.readInt(); left > 0; left--) {
                active.put(in.readUTF(), in.readLong());
            }
            return new Admissions(active, level);
        } catch (IOException damaged) {
            throw new IllegalArgumentException("damaged admissions", damaged);
        }
    }
}
