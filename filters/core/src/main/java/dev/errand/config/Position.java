package dev.errand.config;

/**
 * A place in a configuration file.
 *
 * @param file as the operator named it, relative to the configuration directory if possible
 * @param line 1 or more
 * @param column 1 or more, in characters
 */
public record Position(String file, int line, int column) {
    /** {@code file:line}. */
    public String inFile() {
        return file + ':' + line;
    }

    @Override
    public String toString() {
        return file + ':' + line + ':' + column;
    }
}
