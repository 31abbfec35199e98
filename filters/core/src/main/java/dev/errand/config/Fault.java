package dev.errand.config;

import dev.errand.json.Printable;

/**
 * One finding in a configuration, worded so that the operator can correct it: a fault, or a warning.
 *
 * @param file the file
 * @param line 1 or more
 * @param column 1 or more
 * @param message what is wrong and what would be right
 */
public record Fault(String file, int line, int column, String message) {
    public static Fault of(Position at, String message) {
        return new Fault(at.file(), at.line(), at.column(), message);
    }

    /** {@code file:line:column: warning: message}, for a finding that does not refuse the configuration. */
    public String asWarning() {
        return Printable.line(file + ':' + line + ':' + column + ": warning: " + message);
    }

    /** {@code file:line:column: message}. */
    @Override
    public String toString() {
        return Printable.line(file + ':' + line + ':' + column + ": " + message);
    }
}
