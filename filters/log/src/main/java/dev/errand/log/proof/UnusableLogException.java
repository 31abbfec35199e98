package dev.errand.log.proof;

import java.io.IOException;

/** The directory cannot be, or must not be, used as a log. The message says which file, why and what to do. */
public final class UnusableLogException extends IOException {
    private static final long serialVersionUID = 1L;

    public UnusableLogException(String message) {
        super(message);
    }
}
