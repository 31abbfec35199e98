package dev.errand.jose;

import java.nio.file.Path;

/** A file of private keys that cannot be used; the message is {@code file:line:column: fault; fix}. */
public final class KeyFileException extends Exception {
    private static final long serialVersionUID = 1L;

    KeyFileException(Path file, KeyFilePosition position, String message) {
        super(file + ":" + position.line() + ":" + position.column() + ": " + message);
    }
}
