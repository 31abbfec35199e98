package dev.errand.state.redis.fleet;

import dev.errand.bytes.Base64Url;
import dev.errand.bytes.Sha256;
import dev.errand.state.fleet.IndexQuery;
import dev.errand.state.fleet.IndexedTask;
import dev.errand.task.TaskState;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The keys of the index. It lies in {@value #SHARDS} shards, each with a hash tag of its own, so that the shards spread over a
 * cluster and a script touches one slot.
 *
 * <pre>
 * {errand:x:0}t        sorted set of all tasks of the shard, by the order of IndexedTask.member
 * {errand:x:0}T:hash   the same of one template
 * {errand:x:0}H:hash   the same of one human: by the subject, and by issuer and subject
 * {errand:x:0}A:hash   the same of one holder
 * {errand:x:0}x        members by the time when they leave
 * {errand:x:0}o:state  members that were ended so before their time, by the time when they leave
 * {errand:x:0}e:task   hash: =m the member, =s the facts, =b the operator who ended it, and by instance what that replica says;
 *                      all but the member sealed
 * </pre>
 */
final class FleetKeys {
    static final int SHARDS = 8;

    /** Fields of an entry; no instance is named so. */
    static final byte[] MEMBER = ascii("=m");

    static final byte[] FACTS = ascii("=s");

    /** The operator who ended the task. */
    static final byte[] OPERATOR = ascii("=b");

    private static final int HASH_BYTES = 16;

    private FleetKeys() {}

    static int shard(String task) {
        return Math.floorMod(task.hashCode(), SHARDS);
    }

    private static String tag(int shard) {
        return "{errand:x:" + shard + "}";
    }

    static byte[] all(int shard) {
        return ascii(tag(shard) + "t");
    }

    static byte[] leaving(int shard) {
        return ascii(tag(shard) + "x");
    }

    static byte[] ended(int shard, TaskState state) {
        return ascii(tag(shard) + "o:" + state.name().toLowerCase(Locale.ROOT));
    }

    static byte[] entry(String task) {
        return ascii(tag(shard(task)) + "e:" + task);
    }

    /** What a field of an entry is sealed under. */
    static byte[] sealed(byte[] entry, byte[] field) {
        byte[] both = Arrays.copyOf(entry, entry.length + 1 + field.length);
        both[entry.length] = '/';
        System.arraycopy(field, 0, both, entry.length + 1, field.length);
        return both;
    }

    /** The sorted sets of the shard in which the query's tasks stand: the one that holds the fewest, as a rule. */
    static byte[] set(int shard, IndexQuery query) {
        if (query.human() != null) {
            return by(shard, "H", query.human());
        }
        if (query.agent() != null) {
            return by(shard, "A", query.agent());
        }
        return query.template() != null ? by(shard, "T", query.template()) : all(shard);
    }

    /** The sorted sets besides {@link #all} in which a task stands. */
    static List<byte[]> sets(IndexedTask task, Collection<String> holders) {
        int shard = shard(task.task());
        List<byte[]> sets = new ArrayList<>(4);
        add(sets, shard, "T", task.template());
        add(sets, shard, "H", task.human().subject());
        add(sets, shard, "H", IndexQuery.nameOf(task));
        add(sets, shard, "A", task.agent());
        holders.forEach(holder -> add(sets, shard, "A", holder));
        return sets;
    }

    private static void add(List<byte[]> sets, int shard, String kind, @Nullable String value) {
        if (value != null) {
            sets.add(by(shard, kind, value));
        }
    }

    private static byte[] by(int shard, String kind, String value) {
        byte[] hash = Arrays.copyOf(Sha256.of(value), HASH_BYTES);
        return ascii(tag(shard) + kind + ":" + Base64Url.encode(hash));
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
