package dev.errand.task.template;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

/**
 * What a parameter given at start may be: one path segment of 1 to {@value #MAX_LENGTH} characters that the pattern
 * matches as a whole, in time linear in its length. Thread-safe.
 */
public final class ParameterPattern {
    /** The longest value, in characters. */
    public static final int MAX_LENGTH = 128;

    private final Pattern pattern;

    private ParameterPattern(Pattern pattern) {
        this.pattern = pattern;
    }

    /** Compiles an RE2 expression; a {@link PatternSyntaxException} if it is none (back references, look-around). */
    public static ParameterPattern compile(String expression) {
        return new ParameterPattern(Pattern.compile(expression, Pattern.DISABLE_UNICODE_GROUPS));
    }

    /** The expression as it was written. */
    public String expression() {
        return pattern.pattern();
    }

    /** Whether the value may be given. */
    public boolean matches(String value) {
        return !value.isEmpty()
                && value.length() <= MAX_LENGTH
                && !value.equals(".")
                && !value.equals("..")
                && value.chars().noneMatch(c -> c == '/' || c == '\\' || Character.isISOControl(c))
                && pattern.matches(value);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ParameterPattern p && p.expression().equals(expression());
    }

    @Override
    public int hashCode() {
        return expression().hashCode();
    }

    @Override
    public String toString() {
        return expression();
    }
}
