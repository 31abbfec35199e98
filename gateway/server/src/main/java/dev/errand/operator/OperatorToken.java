package dev.errand.operator;

import dev.errand.config.ConfigurationException;
import dev.errand.token.Base64Url;
import dev.errand.token.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The operator's credential: the text of a file. Only its digest is kept. Compared in constant time; immutable
 * and thread-safe.
 */
final class OperatorToken {
    private static final int RANDOM_BYTES = 32;
    private static final int MIN_CHARACTERS = 32;
    private static final int MAX_BYTES = 4096;

    private final byte[] digest;

    private OperatorToken(byte[] digest) {
        this.digest = digest;
    }

    /** The key that names the file of {@link Operator#UNNAMED}. */
    static final String KEY = "errand.operator.token";

    /** Reads the file of {@link Operator#UNNAMED}. */
    public static OperatorToken load(Path file) {
        return load(file, KEY);
    }

    /**
     * Reads a file.
     *
     * @param key the key of the configuration that names the file
     */
    public static OperatorToken load(Path file, String key) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw ConfigurationException.of(
                        key + ": " + file + " is no token: it has more than " + MAX_BYTES + " bytes");
            }
            String token = Files.readString(file, StandardCharsets.US_ASCII).strip();
            if (token.length() < MIN_CHARACTERS) {
                throw ConfigurationException.of(key + ": " + file + " has fewer than " + MIN_CHARACTERS
                        + " characters: put a longer random token there");
            }
            return new OperatorToken(digest(token));
        } catch (IOException e) {
            throw ConfigurationException.of(
                    key + ": " + file + " cannot be read: make it readable for the gateway, mode 0600");
        }
    }

    /** Makes the file with a random token, mode 0600, if it is not there; then reads it. */
    public static OperatorToken createIfAbsent(Path file) {
        if (!Files.exists(file)) {
            byte[] random = new byte[RANDOM_BYTES];
            new SecureRandom().nextBytes(random);
            String token = Base64Url.encode(random) + "\n";
            try {
                Path parent = file.toAbsolutePath().getParent();
                if (parent != null) {
                    Files.createDirectories(parent);
                }
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                Files.writeString(file, token, StandardCharsets.US_ASCII, StandardOpenOption.WRITE);
            } catch (IOException e) {
                throw ConfigurationException.of("errand.operator.token: " + file
                        + " cannot be made: make its directory writable, or put 32 random characters there");
            }
        }
        return load(file);
    }

    /**
     * Whether the {@code Authorization} header carries the token: as a bearer token, or as the password of HTTP Basic (RFC 7617)
     * with any user name, as browsers send it.
     */
    boolean isIn(String authorization) {
        if (authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
            String password = password(authorization.substring(6).strip());
            return password != null && MessageDigest.isEqual(digest, digest(password));
        }
        return authorization.regionMatches(true, 0, "Bearer ", 0, 7)
                && MessageDigest.isEqual(
                        digest, digest(authorization.substring(7).strip()));
    }

    private static @Nullable String password(String encoded) {
        try {
            String text = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
            int colon = text.indexOf(':');
            return colon < 0 ? null : text.substring(colon + 1);
        } catch (IllegalArgumentException notBase64) {
            return null;
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof OperatorToken token && MessageDigest.isEqual(digest, token.digest);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(digest);
    }

    private static byte[] digest(String token) {
        return Sha256.of(token);
    }
}
