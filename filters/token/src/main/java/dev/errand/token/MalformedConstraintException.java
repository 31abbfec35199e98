package dev.errand.token;

/** A constraint, argument map or capability that violates AAT-02 section 2. */
public final class MalformedConstraintException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean shape;

    private MalformedConstraintException(String message, boolean shape) {
        super(message);
        this.shape = shape;
    }

    static MalformedConstraintException ofConstraint(String message) {
        return new MalformedConstraintException(message, false);
    }

    static MalformedConstraintException ofShape(String message) {
        return new MalformedConstraintException(message, true);
    }

    /** Whether the entry itself is malformed (steps 3m, 4n), and not a constraint in it (steps 3n, 4o). */
    public boolean isShape() {
        return shape;
    }
}
