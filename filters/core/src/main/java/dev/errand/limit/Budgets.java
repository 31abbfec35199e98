package dev.errand.limit;

import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is left of each budget and bucket after a step, by name: {@code calls}, {@code task}, {@code op:<id>},
 * {@code token:<depth>}. Sorted by name, as the record shows them. Immutable.
 */
public final class Budgets {
    /** The budgets of a step that charges nothing. */
    public static final Budgets NONE = new Budgets(new String[0], new long[0]);

    private final String[] names;
    private final long[] left;

    private Budgets(String[] names, long[] left) {
        this.names = names;
        this.left = left;
    }

    /** The number of budgets. */
    public int size() {
        return names.length;
    }

    /** The name at that index. */
    public String name(int place) {
        return names[place];
    }

    /** What is left at that index. */
    public long left(int place) {
        return left[place];
    }

    /** What is left under that name, or null. */
    public @Nullable Long get(String name) {
        int place = Arrays.binarySearch(names, name);
        return place < 0 ? null : left[place];
    }

    /** The budgets as a map, in the same order. */
    public Map<String, Long> asMap() {
        Map<String, Long> map = new TreeMap<>();
        for (int i = 0; i < names.length; i++) {
            map.put(names[i], left[i]);
        }
        return Collections.unmodifiableMap(map);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Budgets that && Arrays.equals(names, that.names) && Arrays.equals(left, that.left);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(names) + Arrays.hashCode(left);
    }

    @Override
    public String toString() {
        return asMap().toString();
    }

    /** Collects budgets. It is fastest if they are added in the order of their names. Not thread-safe. */
    public static final class Builder {
        private String[] names;
        private long[] left;
        private int size;

        /** @param expected about how many budgets there will be; there may be more */
        public Builder(int expected) {
            names = new String[expected];
            left = new long[expected];
        }

        /** Adds a budget. Of several budgets with the same name the smallest is kept. */
        public Builder add(String name, long remaining) {
            int place = place(name);
            if (place < size && names[place].equals(name)) {
                left[place] = Math.min(left[place], remaining);
                return this;
            }
            if (size == names.length) {
                names = Arrays.copyOf(names, size + 8);
                left = Arrays.copyOf(left, size + 8);
            }
            System.arraycopy(names, place, names, place + 1, size - place);
            System.arraycopy(left, place, left, place + 1, size - place);
            names[place] = name;
            left[place] = remaining;
            size++;
            return this;
        }

        /**
         * The index of the name, or the index at which it must be inserted. Searches from the end, since most names are
         * added in order.
         */
        private int place(String name) {
            int place = size;
            while (place > 0 && names[place - 1].compareTo(name) >= 0) {
                place--;
            }
            return place;
        }

        public Budgets build() {
            return size == 0 ? NONE : new Budgets(Arrays.copyOf(names, size), Arrays.copyOf(left, size));
        }
    }
}
