package dev.errand.token;

import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The identifier of a token: the SHA-256 of its JWS signing input, unpadded base64url. A child's {@code par_hash} is
 * its parent's identifier. All state of a token is keyed by it, never by {@code jti}. Immutable.
 */
public final class TokenId {
    /** The length of a SHA-256, in bytes. */
    public static final int SHA256_BYTES = Sha256.BYTES;

    private static final int HASH_CHARACTERS = 43;
    /** The characters that can end the base64url of a SHA-256: those without unused bits. */
    private static final String HASH_ENDS = "AEIMQUYcgkosw048";

    private final String hash;
    /** The bytes of the SHA-256; null if the text is not one. */
    private final byte @Nullable [] sha256;

    /**
     * @param hash unpadded base64url of the SHA-256; any other text is accepted too, and {@link #isSha256} is then
     *     false
     */
    public TokenId(String hash) {
        this(hash, decoded(hash));
    }

    private TokenId(String hash, byte @Nullable [] sha256) {
        this.hash = hash;
        this.sha256 = sha256;
    }

    /** The id of the token with this signing input (ASCII {@code header.payload}). */
    public static TokenId ofSigningInput(byte[] signingInput) {
        return spelled(Sha256.of(signingInput));
    }

    /** The id of a token that was parsed. */
    public static TokenId of(CompactJws token) {
        return ofSigningInput(token.signingInput());
    }

    /**
     * The id of a digest.
     *
     * @throws IllegalArgumentException if it does not have {@value #SHA256_BYTES} bytes
     */
    public static TokenId ofSha256(byte[] digest) {
        if (digest.length != SHA256_BYTES) {
            throw new IllegalArgumentException("a SHA-256 has 32 bytes, not " + digest.length);
        }
        return spelled(digest.clone());
    }

    /** @param digest must not be changed by the caller any more */
    private static TokenId spelled(byte[] digest) {
        return new TokenId(Base64Url.encode(digest), digest);
    }

    private static byte @Nullable [] decoded(String text) {
        return isSpelled(text) ? Base64.getUrlDecoder().decode(text) : null;
    }

    // Checked before decoding, since the text may come from a stranger, and an exception costs more than this check.
    private static boolean isSpelled(String text) {
        if (text.length() != HASH_CHARACTERS || HASH_ENDS.indexOf(text.charAt(HASH_CHARACTERS - 1)) < 0) {
            return false;
        }
        for (int i = 0; i < HASH_CHARACTERS; i++) {
            char c = text.charAt(i);
            boolean letterOrDigit = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
            if (!letterOrDigit && c != '-' && c != '_') {
                return false;
            }
        }
        return true;
    }

    public String hash() {
        return hash;
    }

    /** Whether the text is the base64url of a SHA-256, so that the bytes stand for the same id. */
    public boolean isSha256() {
        return sha256 != null;
    }

    /**
     * Writes the digest's {@value #SHA256_BYTES} bytes into the array from that index on.
     *
     * @throws IllegalStateException if it {@linkplain #isSha256 is no SHA-256}
     */
    public void copyTo(byte[] out, int at) {
        if (sha256 == null) {
            throw new IllegalStateException("this id is no SHA-256");
        }
        System.arraycopy(sha256, 0, out, at, SHA256_BYTES);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other || (other instanceof TokenId that && hash.equals(that.hash));
    }

    @Override
    public int hashCode() {
        return hash.hashCode();
    }

    @Override
    public String toString() {
        return "TokenId[hash=" + hash + ']';
    }
}
