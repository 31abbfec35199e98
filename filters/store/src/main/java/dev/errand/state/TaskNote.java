package dev.errand.state;

import dev.errand.task.BudgetUse;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The note of one replica in the fleet's index about a task whose calls it decided. Immutable.
 *
 * @param permitted how many calls it permitted
 * @param denied how many calls it denied
 * @param waiting how many calls met a request for approval that was open already
 * @param last the last call that it decided
 * @param uses the fullest budgets and buckets after that call
 * @param holders holders of the task's tokens other than the root's, at most {@value #MOST_HOLDERS}
 */
public record TaskNote(
        long permitted, long denied, long waiting, LastCall last, List<BudgetUse> uses, List<String> holders) {
    /** The most holders in the note of one replica. */
    public static final int MOST_HOLDERS = 16;

    private static final int FORMAT = 1;

    public TaskNote {
        uses = List.copyOf(uses);
        holders = List.copyOf(holders);
    }

    /**
     * A decided call.
     *
     * @param timeMillis epoch milliseconds
     * @param operation null if none was found
     * @param code why it was denied; null for a permit
     * @param waiting whether it met a request for approval that was open already
     */
    public record LastCall(
            long timeMillis,
            @Nullable String operation,
            @Nullable String code,
            boolean waiting) {}

    /** The stored form. */
    public byte[] write() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            out.writeLong(permitted);
            out.writeLong(denied);
            out.writeLong(waiting);
            out.writeLong(last.timeMillis());
            out.writeUTF(last.operation() == null ? "" : last.operation());
            out.writeUTF(last.code() == null ? "" : last.code());
            out.writeBoolean(last.waiting());
            out.writeByte(uses.size());
            for (BudgetUse use : uses) {
                out.writeFloat((float) use.share());
                out.writeLong(use.periodMillis());
            }
            out.writeByte(holders.size());
            for (String holder : holders) {
                out.writeUTF(holder);
            }
        } catch (IOException tooLong) {
            throw new UncheckedIOException(tooLong);
        }
        return bytes.toByteArray();
    }

    /** Reads the bytes of {@link #write}; throws an {@link IllegalArgumentException} for any others. */
    public static TaskNote read(byte[] written) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(written))) {
            if (in.readByte() != FORMAT) {
                throw new IllegalArgumentException("a note of the index has an unknown format");
            }
            long permitted = in.readLong();
            long denied = in.readLong();
            long waiting = in.readLong();
            long time = in.readLong();
            String operation = in.readUTF();
            String code = in.readUTF();
            boolean waits = in.readBoolean();
            List<BudgetUse> uses = new ArrayList<>();
            for (int left = in.readUnsignedByte(); left > 0; left--) {
                uses.add(new BudgetUse(in.readFloat(), in.readLong()));
            }
            List<String> holders = new ArrayList<>();
            for (int left = in.readUnsignedByte(); left > 0; left--) {
                holders.add(in.readUTF());
            }
            LastCall last =
                    new LastCall(time, operation.isEmpty() ? null : operation, code.isEmpty() ? null : code, waits);
            return new TaskNote(permitted, denied, waiting, last, uses, holders);
        } catch (IOException damaged) {
            throw new IllegalArgumentException("a note of the index is damaged", damaged);
        }
    }
}
