package dev.errand.operation.s3;

/** The request has an {@code x-amz-*} header that its action does not know. */
final class UnknownRequestException extends Exception {
    private static final long serialVersionUID = 1L;

    UnknownRequestException() {
        super("", null, false, false);
    }
}
