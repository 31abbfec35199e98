package dev.errand.task;

import dev.errand.limit.BucketLevel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The levels of a token's buckets after the last calls that took from them, by the bucket's place. Immutable. */
public final class TokenLevels {
    static final TokenLevels FULL = new TokenLevels(new BucketLevel[0]);

    /** The number of places, more than a token may have limits. */
    static final int MAX_PLACES = 256;

    private final @Nullable BucketLevel[] levels;

    private TokenLevels(@Nullable BucketLevel[] levels) {
        this.levels = levels;
    }

    /** The level of the bucket at that place; null if nothing was ever taken from it, so that it is full. */
    public @Nullable BucketLevel get(int place) {
        return place < levels.length ? levels[place] : null;
    }

    /**
     * A copy with another level at one place.
     *
     * @throws IllegalArgumentException if there is no such place
     */
    public TokenLevels with(int place, BucketLevel level) {
        if (place < 0 || place >= MAX_PLACES) {
            throw new IllegalArgumentException("a token has no bucket " + place);
        }
        @Nullable BucketLevel[] changed = Arrays.copyOf(levels, Math.max(levels.length, place + 1));
        changed[place] = level;
        return new TokenLevels(changed);
    }

    /** How many buckets have a level. */
    int size() {
        int size = 0;
        for (BucketLevel level : levels) {
            size += level == null ? 0 : 1;
        }
        return size;
    }

    /** One more than the last place with a level. */
    int places() {
        return levels.length;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TokenLevels that && Arrays.equals(levels, that.levels);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(levels);
    }

    @Override
    public String toString() {
        return Arrays.toString(levels);
    }
}
