package dev.errand.cli;

import java.util.List;

/** A command's input cannot be used: the lines of the message go to standard error, and the exit code is 2. */
final class BadInputException extends Exception {
    private static final long serialVersionUID = 1L;

    private final List<String> lines;

    BadInputException(List<String> lines) {
        super(String.join("\n", lines), null, false, false);
        this.lines = List.copyOf(lines);
    }

    BadInputException(String line) {
        this(List.of(line));
    }

    List<String> lines() {
        return lines;
    }
}
