package dev.errand.task.state;

import dev.errand.limit.BucketLevel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What a token's buckets held when they were last taken from, by their place in the token. Immutable. */
public final class TokenLevels {
    static final TokenLevels FULL = new TokenLevels(new BucketLevel[0]);

    /** Places that there are at most: more than a token may have limits. */
    static final int MAX_PLACES = 256;

    private final @Nullable BucketLevel[] levels;

    private TokenLevels(@Nullable BucketLevel[] levels) {
        this.levels = levels;
    }

    /** What the bucket at that place holds; null for one that was never taken from, and is full. */
    public @Nullable BucketLevel get(int place) {
        return place < levels.length ? levels[place] : null;
    }

    /**
     * The same with another level at one place.
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

    /** How many buckets were taken from. */
    int size() {
        int size = 0;
        for (BucketLevel level : levels) {
            size += level == null ? 0 : 1;
        }
        return size;
    }

    /** Behind the last place at which a bucket was taken from. */
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
