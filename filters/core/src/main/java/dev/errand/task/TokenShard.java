package dev.errand.task;

import dev.errand.token.TokenId;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Some of a task's tokens and the record of each, in the order in which they became known. Immutable.
 *
 * <p>A table has one shard in the task's record itself, and {@value #COUNT} others, each of them a part of its own. A
 * shard that was not read yet has a version and no tokens.
 */
public final class TokenShard {
    /** The number of shards of a table, without the one in the record itself. */
    public static final int COUNT = 64;

    static final TokenShard EMPTY = new TokenShard(Parts.UNSTORED, new TokenId[0], new TokenRecord[0]);

    private final long version;
    private final TokenId @Nullable [] ids;
    private final TokenRecord[] records;

    private TokenShard(long version, TokenId @Nullable [] ids, TokenRecord[] records) {
        this.version = version;
        this.ids = ids;
        this.records = records;
    }

    /** A shard that is stored under that version, and was not read. */
    public static TokenShard unread(long version) {
        return new TokenShard(version, null, new TokenRecord[0]);
    }

    /** A shard of these tokens; the caller must not use the arrays any more. */
    public static TokenShard of(TokenId[] ids, TokenRecord[] records) {
        return new TokenShard(Parts.UNSTORED, ids, records);
    }

    /** The number of the shard for a token that is not in the record itself. */
    public static int numberOf(TokenId id) {
        int hash = id.hashCode();
        return (hash ^ hash >>> 16 ^ hash >>> 8) & COUNT - 1;
    }

    /** The version under which exactly this shard is stored, or {@link Parts#UNSTORED}. */
    public long version() {
        return version;
    }

    public boolean isRead() {
        return ids != null;
    }

    public int size() {
        return read().length;
    }

    public TokenId id(int index) {
        return read()[index];
    }

    public TokenRecord record(int index) {
        return records[index];
    }

    /** The token's index, or -1. */
    public int indexOf(TokenId id) {
        TokenId[] known = read();
        for (int i = 0; i < known.length; i++) {
            if (known[i].hashCode() == id.hashCode() && known[i].equals(id)) {
                return i;
            }
        }
        return -1;
    }

    private TokenId[] read() {
        if (ids == null) {
            throw new IllegalStateException("a step looks at tokens of a part that was not read");
        }
        return ids;
    }

    /** A copy with another record at that index. */
    TokenShard with(int index, TokenRecord record) {
        TokenRecord[] changed = records.clone();
        changed[index] = record;
        return new TokenShard(Parts.UNSTORED, read(), changed);
    }

    /** A copy with one more token. */
    TokenShard and(TokenId id, TokenRecord record) {
        TokenId[] known = read();
        TokenId[] moreIds = Arrays.copyOf(known, known.length + 1);
        TokenRecord[] more = Arrays.copyOf(records, known.length + 1);
        moreIds[known.length] = id;
        more[known.length] = record;
        return new TokenShard(Parts.UNSTORED, moreIds, more);
    }

    /** The same shard, stored under that version. */
    public TokenShard stored(long newVersion) {
        return new TokenShard(newVersion, ids, records);
    }
}
