package dev.errand.template;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.errand.token.ParameterValue;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The allowed values of a parameter given at start: one path segment of 1 to {@value #MAX_LENGTH} characters that the
 * pattern matches as a whole, in time linear in its length; or a list of such segments, with a highest number.
 * Thread-safe.
 */
public final class ParameterPattern {
    /** The longest value, in characters. */
    public static final int MAX_LENGTH = 128;

    /** The most values of a list if the template names no number. */
    public static final int DEFAULT_VALUES = 64;

    private final Pattern pattern;

    /** The most values; 0 if the parameter is no list. */
    private final int maxValues;

    private ParameterPattern(Pattern pattern, int maxValues) {
        this.pattern = pattern;
        this.maxValues = maxValues;
    }

    /**
     * Compiles an RE2 expression. Throws a {@link PatternSyntaxException} if it is none (back references, look-around).
     */
    public static ParameterPattern compile(String expression) {
        return new ParameterPattern(Pattern.compile(expression, Pattern.DISABLE_UNICODE_GROUPS), 0);
    }

    /**
     * Compiles a list of 1 to {@code max} values. Each of them must match the expression. Fails like {@link #compile}.
     */
    public static ParameterPattern compileList(String expression, int max) {
        return new ParameterPattern(Pattern.compile(expression, Pattern.DISABLE_UNICODE_GROUPS), max);
    }

    /** The expression as it was written. */
    public String expression() {
        return pattern.pattern();
    }

    public boolean isList() {
        return maxValues > 0;
    }

    /** The most values that may be given. */
    public int maxValues() {
        return Math.max(1, maxValues);
    }

    /** Why the value is not allowed, as the end of a sentence about the parameter; null if it is. */
    public @Nullable String refuses(ParameterValue value) {
        if (value.list() && !isList()) {
            return "is no list";
        }
        if (value.values().isEmpty() || value.values().size() > maxValues()) {
            return "has 1 to " + maxValues() + " values";
        }
        return value.values().stream().allMatch(this::matches) ? null : "does not match its pattern";
    }

    /** The value in the form of tokens and constraints: a text that is given for a list becomes a list of one. */
    public ParameterValue normal(ParameterValue value) {
        return isList() ? value.asList() : value;
    }

    /** Whether the text is allowed as the value, or as one value of a list. */
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
        return other instanceof ParameterPattern p && p.expression().equals(expression()) && p.maxValues == maxValues;
    }

    @Override
    public int hashCode() {
        return Objects.hash(expression(), maxValues);
    }

    @Override
    public String toString() {
        return isList() ? "list of " + expression() : expression();
    }
}
