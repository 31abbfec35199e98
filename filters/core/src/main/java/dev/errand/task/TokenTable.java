package dev.errand.task;

import dev.errand.token.TokenId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of a task. Each token has a place and keeps it. The root and the tokens that became known first are near:
 * they are in the record itself. All other tokens are in shards by their hash. So a call rewrites only the near tokens
 * and the shards of its chain, however many tokens the task has. A step changes a copy, which shares its unchanged
 * parts with the original. Not thread-safe while it changes.
 */
public final class TokenTable {
    /** How many tokens are near. */
    static final int NEAR = 9;

    private static final int SHARD_BITS = 16;

    private TokenShard near;
    /** The shards by their number; null for a shard without tokens. The array is null while all tokens are near. */
    private @Nullable TokenShard @Nullable [] shards;
    /** Whether the array is shared with the table that this one was copied from. */
    private boolean sharesShards;

    private int size;
    /** How many tokens ended before they were permitted anything. */
    private int unused;

    private TokenTable(TokenShard near, @Nullable TokenShard @Nullable [] shards, int size, int unused) {
        this.near = near;
        this.shards = shards;
        this.sharesShards = true;
        this.size = size;
        this.unused = unused;
    }

    public static TokenTable empty() {
        return new TokenTable(TokenShard.EMPTY, null, 0, 0);
    }

    /** A table that is read from its parts. Shards that were not read have only a version. */
    public static TokenTable of(TokenShard near, @Nullable TokenShard @Nullable [] shards, int size, int unused) {
        return new TokenTable(near, shards, size, unused);
    }

    /** A copy that may be changed. This table must not be changed any more. */
    public TokenTable copy() {
        return new TokenTable(near, shards, size, unused);
    }

    /** The same table with the versions of its stored shards. */
    public TokenTable with(@Nullable TokenShard @Nullable [] stored) {
        return new TokenTable(near, stored, size, unused);
    }

    /** The same table, in which every shard that was read will be stored again. */
    TokenTable unstored() {
        if (shards == null) {
            return this;
        }
        @Nullable TokenShard[] changed = shards.clone();
        for (int number = 0; number < changed.length; number++) {
            TokenShard shard = changed[number];
            if (shard != null && shard.isRead()) {
                changed[number] = shard.stored(Parts.UNSTORED);
            }
        }
        return with(changed);
    }

    public int size() {
        return size;
    }

    public int unused() {
        return unused;
    }

    public TokenShard near() {
        return near;
    }

    /** The shard of that number, or null. */
    public @Nullable TokenShard shard(int number) {
        return shards == null ? null : shards[number];
    }

    public boolean hasShards() {
        return shards != null;
    }

    /** The root, which became known first. */
    public TokenId root() {
        return near.id(0);
    }

    /** Whether the table can answer about the token without reading another part. */
    public boolean tells(TokenId id) {
        if (shards == null || near.indexOf(id) >= 0) {
            return true;
        }
        TokenShard shard = shards[TokenShard.numberOf(id)];
        return shard == null || shard.isRead();
    }

    public boolean contains(TokenId id) {
        return place(id) != null;
    }

    /** The token's place, or null if nothing is known of it. */
    public @Nullable Integer place(TokenId id) {
        int index = near.indexOf(id);
        if (index >= 0) {
            return index;
        }
        if (shards == null) {
            return null;
        }
        int number = TokenShard.numberOf(id);
        TokenShard shard = shards[number];
        index = shard == null ? -1 : shard.indexOf(id);
        return index < 0 ? null : number + 1 << SHARD_BITS | index;
    }

    /** The places of a chain's tokens, root first. */
    public @Nullable Integer[] places(List<TokenAccount> chain) {
        @Nullable Integer[] found = new Integer[chain.size()];
        for (int depth = 0; depth < found.length; depth++) {
            found[depth] = place(chain.get(depth).id());
        }
        return found;
    }

    /** The record of the token at that place; without a place, the record of an unknown token. */
    public TokenRecord at(@Nullable Integer place) {
        if (place == null) {
            return TokenRecord.NEW;
        }
        int number = place >> SHARD_BITS;
        return number == 0 ? near.record(place) : shardAt(number - 1).record(place & (1 << SHARD_BITS) - 1);
    }

    private TokenShard shardAt(int number) {
        TokenShard shard = shard(number);
        if (shard == null) {
            throw new IllegalStateException("a token's place is in no shard");
        }
        return shard;
    }

    public TokenRecord get(TokenId id) {
        return at(place(id));
    }

    public void put(TokenId id, TokenRecord record) {
        put(place(id), id, record);
    }

    /** @param place the token's place, or null if the token was unknown */
    public void put(@Nullable Integer place, TokenId id, TokenRecord record) {
        unused += unused(record) - (place == null ? 0 : unused(at(place)));
        if (place == null) {
            size++;
            if (near.size() < NEAR) {
                near = near.and(id, record);
            } else {
                TokenShard shard = shard(TokenShard.numberOf(id));
                change(TokenShard.numberOf(id), (shard == null ? TokenShard.EMPTY : shard).and(id, record));
            }
            return;
        }
        int number = place >> SHARD_BITS;
        if (number == 0) {
            near = near.with(place, record);
        } else {
            change(number - 1, shardAt(number - 1).with(place & (1 << SHARD_BITS) - 1, record));
        }
    }

    private void change(int number, TokenShard changed) {
        if (shards == null) {
            shards = new TokenShard[TokenShard.COUNT];
        } else if (sharesShards) {
            shards = shards.clone();
        }
        sharesShards = false;
        shards[number] = changed;
    }

    private static int unused(TokenRecord token) {
        return token.ended() != null && !token.permitted() ? 1 : 0;
    }
}
