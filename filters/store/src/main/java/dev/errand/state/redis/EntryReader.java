package dev.errand.state.redis;

import dev.errand.state.FleetTask;
import dev.errand.state.IndexedTask;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskNote;
import dev.errand.task.record.TaskGlance;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Reads entries of the index. Values that were not written by a replica with our key count as absent. */
final class EntryReader {
    private EntryReader() {}

    /**
     * The task of an entry; null if there is none, or if its facts were not written by a replica with our key.
     *
     * @param readable whether the record could be read, if there is one
     */
    static @Nullable FleetTask task(
            Seal seal, byte[] entry, Map<byte[], byte[]> fields, @Nullable TaskGlance glance, boolean readable) {
        IndexedTask facts = null;
        String operator = null;
        List<TaskNote> notes = new ArrayList<>();
        try {
            for (Map.Entry<byte[], byte[]> field : fields.entrySet()) {
                byte[] name = field.getKey();
                if (Arrays.equals(name, FleetKeys.FACTS)) {
                    facts = IndexedTask.read(seal.open(FleetKeys.sealed(entry, name), field.getValue(), 0));
                } else if (Arrays.equals(name, FleetKeys.OPERATOR)) {
                    operator = new String(
                            seal.open(FleetKeys.sealed(entry, name), field.getValue(), 0), StandardCharsets.UTF_8);
                } else if (!Arrays.equals(name, FleetKeys.MEMBER)) {
                    TaskNote note = note(seal, entry, name, field.getValue());
                    if (note != null) {
                        notes.add(note);
                    }
                }
            }
        } catch (StoreUnavailableException | IllegalArgumentException notOurs) {
            return null;
        }
        return facts != null && Arrays.equals(FleetKeys.entry(facts.task()), entry)
                ? new FleetTask(facts, notes, operator, glance, readable)
                : null;
    }

    static @Nullable TaskNote note(Seal seal, byte[] entry, byte[] field, byte @Nullable [] stored) {
        try {
            return stored == null ? null : TaskNote.read(seal.open(FleetKeys.sealed(entry, field), stored, 0));
        } catch (StoreUnavailableException | IllegalArgumentException notOurs) {
            return null;
        }
    }

    /** A future of the values of all these futures, in their order. */
    static <T> CompletableFuture<List<T>> all(List<CompletableFuture<T>> futures) {
        return CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new))
                .thenApply(done -> {
                    List<T> values = new ArrayList<>(futures.size());
                    futures.forEach(future -> values.add(future.join()));
                    return values;
                });
    }
}
