package dev.errand.offline.replay;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values that many records repeat. Each is kept once and has a number. How many are kept is bounded. Not thread-safe. */
final class PackedValues<V> {
    /** Stands for a value that has no number, since there are too many. */
    static final int NONE = 1;

    private static final int NULL = 0;
    private static final int FIRST = 2;

    private final int most;
    private final Map<V, Integer> numbers = new HashMap<>();
    private final List<V> values = new ArrayList<>();

    /** @param most how many get a number */
    PackedValues(int most) {
        this.most = most;
    }

    /** The value's number, 0 for null; {@link #NONE} if it gets none. */
    int number(@Nullable V value) {
        if (value == null) {
            return NULL;
        }
        Integer known = numbers.get(value);
        if (known != null) {
            return known;
        }
        if (values.size() >= most) {
            return NONE;
        }
        int number = FIRST + values.size();
        values.add(value);
        numbers.put(value, number);
        return number;
    }

    /** The value of a number other than {@link #NONE}. */
    @Nullable V value(int number) {
        return number == NULL ? null : values.get(number - FIRST);
    }
}
