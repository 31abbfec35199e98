package dev.errand.state.redis;

import dev.errand.state.IndexQuery;
import dev.errand.state.IndexedTask;
import dev.errand.task.TaskState;
import dev.errand.token.Base64Url;
import dev.errand.token.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The keys of the index. It is split into {@value #SHARDS} shards, each with a hash tag of its own, so that the shards
 * spread over a cluster and a script touches one slot.
 *
 * <pre>
 * {errand:x:0}t        sorted set of all tasks of the shard, by the order of IndexedTask.member
 * {errand:x:0}T:hash   the tasks of one template, in the same order
 * {errand:x:0}H:hash   the tasks of the humans whose subject has this last word
 * {errand:x:0}A:hash   the tasks of one holder
 * {errand:x:0}x        members by the time at which they leave the index
 * {errand:x:0}o:state  members that ended early in this state, by the time at which they leave
 * {errand:x:0}e:task   hash: =m the member, =s the facts, =b the operator who ended it, and by instance that
 *                      replica's note; all except the member sealed. Facts and notes are cut into pieces as a record
 *                      is (StepScript): of =s the further ones are =s=1, =s=2 and =s=3
 * </pre>
 */
final class FleetKeys {
    static final int SHARDS = 8;

    /** Names of fields in an entry. No instance has such a name. */
    static final byte[] MEMBER = ascii("=m");

    static final byte[] FACTS = ascii("=s");

    private static final int MOST_PIECES = 4;

    /** The field of the operator who ended the task. */
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

    static String task(byte[] entry) {
        String key = new String(entry, StandardCharsets.US_ASCII);
        return key.substring(key.indexOf("}e:") + 3);
    }

    /** The names of the fields with the pieces of that field's value. */
    static byte[][] pieces(byte[] field) {
        byte[][] names = new byte[MOST_PIECES][];
        names[0] = field;
        for (int i = 1; i < MOST_PIECES; i++) {
            names[i] = ascii(new String(field, StandardCharsets.US_ASCII) + "=" + i);
        }
        return names;
    }

    /** Whether the field holds a further piece of another's value. */
    static boolean isPiece(String field) {
        return field.lastIndexOf('=') > 0;
    }

    /** The name by which a field of an entry is sealed. */
    static byte[] sealed(byte[] entry, byte[] field) {
        byte[] both = Arrays.copyOf(entry, entry.length + 1 + field.length);
        both[entry.length] = '/';
        System.arraycopy(field, 0, both, entry.length + 1, field.length);
        return both;
    }

    /** The sorted set of the shard that contains the query's tasks; usually the smallest such set. */
    static byte[] set(int shard, IndexQuery query) {
        if (query.human() != null) {
            return by(shard, "H", lastWord(query.human()));
        }
        if (query.agent() != null) {
            return by(shard, "A", query.agent());
        }
        return query.template() != null ? by(shard, "T", query.template()) : all(shard);
    }

    /** The sorted sets, other than {@link #all}, that contain a task. */
    static List<byte[]> sets(IndexedTask task, Collection<String> holders) {
        int shard = shard(task.task());
        List<byte[]> sets = new ArrayList<>(4);
        add(sets, shard, "T", task.template());
        add(sets, shard, "H", lastWord(task.human().subject()));
        add(sets, shard, "A", task.agent());
        holders.forEach(holder -> add(sets, shard, "A", holder));
        return sets;
    }

    /** The last word is the same in a subject, and in issuer and subject. */
    private static String lastWord(String human) {
        return human.substring(human.lastIndexOf(' ') + 1);
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
