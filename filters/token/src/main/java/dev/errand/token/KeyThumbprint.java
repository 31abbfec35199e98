package dev.errand.token;

/**
 * The SHA-256 thumbprint of a public key (RFC 7638), unpadded base64url.
 *
 * @param value 43 characters
 */
public record KeyThumbprint(String value) {
    public KeyThumbprint {
        if (value.length() != 43) {
            throw new IllegalArgumentException("a SHA-256 thumbprint has 43 characters, had " + value.length());
        }
    }
}
