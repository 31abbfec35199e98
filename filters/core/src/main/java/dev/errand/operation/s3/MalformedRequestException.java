package dev.errand.operation.s3;

/** A part of the request can be read in several ways. The message quotes nothing of it. */
final class MalformedRequestException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedRequestException(String message) {
        super(message, null, false, false);
    }
}
