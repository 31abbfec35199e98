package dev.errand.sequence;

/**
 * How often a step is taken.
 *
 * @param min the least number, 0 or more
 * @param max the most, 1 or more; {@link #UNBOUNDED} for no bound
 */
public record Times(int min, int max) {
    /** No upper bound. */
    public static final int UNBOUNDED = Integer.MAX_VALUE;

    public static final Times ONCE = new Times(1, 1);

    public Times {
        if (min < 0 || max < 1 || min > max || min == UNBOUNDED) {
            throw new IllegalArgumentException(
                    "times must be N..M with 0 <= N <= M and M >= 1, was " + min + ".." + max);
        }
    }

    public boolean unbounded() {
        return max == UNBOUNDED;
    }

    /** As a template writes it: {@code 1}, {@code 1..3}, {@code 0..*}. */
    @Override
    public String toString() {
        return min == max ? Integer.toString(min) : min + ".." + (unbounded() ? "*" : Integer.toString(max));
    }
}
