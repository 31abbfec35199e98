package dev.errand.sequence.binding;

import java.util.Comparator;

/**
 * One thing that plan or rules look at in calls of an operation.
 *
 * @param name of the argument; of a note what tells it from others
 */
public record Slot(Kind kind, String name) implements Comparable<Slot> {
    private static final Comparator<Slot> ORDER =
            Comparator.comparing(Slot::kind).thenComparing(Slot::name);

    /** What is kept of it while the call is in flight. The order is that in which state keeps them. */
    public enum Kind {
        /** The hash of an argument's value. */
        VALUE,
        /** An argument that is a whole number, itself. */
        AMOUNT,
        /** A number that a rule writes down when the call is sent. */
        NOTE,
        /** Nothing: the argument is looked at as the call is judged. */
        PASSING
    }

    /** The hash of an argument. */
    public static Slot value(String name) {
        return new Slot(Kind.VALUE, name);
    }

    boolean isArgument() {
        return kind != Kind.NOTE;
    }

    boolean isKept() {
        return kind != Kind.PASSING;
    }

    @Override
    public int compareTo(Slot other) {
        return ORDER.compare(this, other);
    }
}
