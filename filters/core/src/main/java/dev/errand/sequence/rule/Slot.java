package dev.errand.sequence.rule;

import java.util.Comparator;

/**
 * One value that the plan or a rule looks at in calls of an operation.
 *
 * @param name the argument's name; for a note, a text that distinguishes it from other notes
 */
public record Slot(Kind kind, String name) implements Comparable<Slot> {
    private static final Comparator<Slot> ORDER =
            Comparator.comparing(Slot::kind).thenComparing(Slot::name);

    /** What the state keeps while the call is in flight. State keeps the values in the order of these constants. */
    public enum Kind {
        /** The hash of an argument's value. */
        VALUE,
        /** The value itself of an argument that is a whole number. */
        AMOUNT,
        /** A number that a rule notes when the call is sent. */
        NOTE,
        /** Nothing: the argument is only looked at while the call is judged. */
        PASSING
    }

    /** The slot of an argument's hash. */
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
