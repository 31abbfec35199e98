package dev.errand.gateway.issuer;

/** The bundle that would verify an agent's SVID cannot be had at the moment, so nothing can be said of the SVID. */
public final class TrustBundleAwayException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message which bundle, and why; for the log only */
    public TrustBundleAwayException(String message) {
        super(message, null, false, false);
    }
}
