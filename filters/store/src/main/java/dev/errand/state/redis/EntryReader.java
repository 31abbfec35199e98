package dev.errand.state.redis;

import dev.errand.state.FleetTask;
import dev.errand.state.IndexedTask;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskNote;
import dev.errand.state.redis.link.StepScript;
import dev.errand.task.record.TaskGlance;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
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
        Map<String, byte[]> stored = new HashMap<>();
        fields.forEach((name, value) -> stored.put(RedisTaskIndex.text(name), value));
        try {
            for (String field : stored.keySet()) {
                byte[] name = FleetKeys.ascii(field);
                if (Arrays.equals(name, FleetKeys.FACTS)) {
                    facts = IndexedTask.read(
                            FleetKeys.task(entry), seal.open(FleetKeys.sealed(entry, name), joined(stored, name), 0));
                } else if (Arrays.equals(name, FleetKeys.OPERATOR)) {
                    operator = new String(
                            seal.open(FleetKeys.sealed(entry, name), joined(stored, name), 0), StandardCharsets.UTF_8);
                } else if (!Arrays.equals(name, FleetKeys.MEMBER) && !FleetKeys.isPiece(field)) {
                    TaskNote note = note(seal, entry, name, joined(stored, name));
                    if (note != null) {
                        notes.add(note);
                    }
                }
            }
        } catch (StoreUnavailableException | IllegalArgumentException notOurs) {
            return null;
        }
        return facts == null ? null : new FleetTask(facts, notes, operator, glance, readable);
    }

    private static byte[] joined(Map<String, byte[]> fields, byte[] name) {
        return StepScript.joined(Arrays.stream(FleetKeys.pieces(name))
                .map(piece -> fields.getOrDefault(RedisTaskIndex.text(piece), StepScript.ABSENT))
                .toList());
    }

    static @Nullable TaskNote note(Seal seal, byte[] entry, byte[] field, byte[] stored) {
        try {
            return stored.length == 0 ? null : TaskNote.read(seal.open(FleetKeys.sealed(entry, field), stored, 0));
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
