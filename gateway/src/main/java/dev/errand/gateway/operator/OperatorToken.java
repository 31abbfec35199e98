package dev.errand.gateway.operator;

import dev.errand.config.ConfigurationException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * The operator's credential: the text of a file, of which only the digest is kept. Compared in constant time; immutable
 * and thread-safe.
 */
public final class OperatorToken {
    private static final int RANDOM_BYTES = 32;
    private static final int MIN_CHARACTERS = 32;
    private static final int MAX_BYTES = 4096;

    private final byte[] digest;

    private OperatorToken(byte[] digest) {
        this.digest = digest;
    }

    /** Reads the file. */
    public static OperatorToken load(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw ConfigurationException.of(
                        "errand.operator.token: " + file + " is no token: it has more than " + MAX_BYTES + " bytes");
            }
            String token = Files.readString(file, StandardCharsets.US_ASCII).strip();
            if (token.length() < MIN_CHARACTERS) {
                throw ConfigurationException.of("errand.operator.token: " + file + " has fewer than " + MIN_CHARACTERS
                        + " characters: put a longer random token there");
            }
            return new OperatorToken(digest(token));
        } catch (IOException e) {
            throw ConfigurationException.of(
                    "errand.operator.token: " + file + " cannot be read: make it readable for the gateway, mode 0600");
        }
    }

    /** Makes the file with a random token, mode 0600, if it is not there; then reads it. */
    public static OperatorToken createIfAbsent(Path file) {
        if (!Files.exists(file)) {
            byte[] random = new byte[RANDOM_BYTES];
            new SecureRandom().nextBytes(random);
            String token = Base64.getUrlEncoder().withoutPadding().encodeToString(random) + "\n";
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

    /** Whether the {@code Authorization} header carries it. */
    boolean isIn(String authorization) {
        return authorization.regionMatches(true, 0, "Bearer ", 0, 7)
                && MessageDigest.isEqual(
                        digest, digest(authorization.substring(7).strip()));
    }

    private static byte[] digest(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
