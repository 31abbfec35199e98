package dev.errand.credential;

/** There is no credential for a request. The message names what is missing and never contains a secret. */
public final class CredentialUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CredentialUnavailableException(String message) {
        super(message);
    }
}
