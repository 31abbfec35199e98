package dev.errand.operation.s3;

/** A part of the request cannot be read in one way only; the message quotes nothing of it. */
final class MalformedRequestException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedRequestException(String message) {
        super(message, null, false, false);
    }
}
