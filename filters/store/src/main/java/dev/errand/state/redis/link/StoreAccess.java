package dev.errand.state.redis.link;

import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisCredentialsProvider;
import io.lettuce.core.SslOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * How the gateway proves to the store who it is, and which stores it trusts. Both files are read again for each
 * connection, so they can be rotated. Immutable.
 *
 * @param username a user of the store's ACL; null for its default user
 * @param password the file with the user's password, one line of at most 16 KiB; null if the address contains it, or if
 *     there is none
 * @param authorities PEM: the authorities that sign the store's certificates; null for those that Java trusts
 */
public record StoreAccess(
        @Nullable String username,
        @Nullable Path password,
        @Nullable Path authorities) {
    /** Only what the address contains. */
    public static final StoreAccess NONE = new StoreAccess(null, null, null);

    private static final int MAX_BYTES = 16 * 1024;

    /**
     * The password without surrounding white space. An {@link IOException} names the file and contains nothing of the
     * password.
     */
    public static String read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(MAX_BYTES + 1);
            String text = new String(content, StandardCharsets.UTF_8).strip();
            if (content.length > MAX_BYTES || text.isEmpty() || text.chars().anyMatch(Character::isISOControl)) {
                throw new IOException(file + ": must hold the password in one line of at most " + MAX_BYTES + " bytes");
            }
            return text;
        }
    }

    /** Reads the password, off the event loops, whenever a connection needs it; null if there is no file. */
    @Nullable RedisCredentialsProvider credentials() {
        Path file = password;
        return file == null
                ? null
                : () -> Mono.fromCallable(
                                () -> RedisCredentials.just(username, read(file).toCharArray()))
                        .subscribeOn(Schedulers.boundedElastic());
    }

    /**
     * How connections speak TLS, and which authorities they trust.
     *
     * @param handshake how long a handshake may take
     */
    SslOptions trust(Duration handshake) {
        SslOptions.Builder options = SslOptions.builder().jdkSslProvider().handshakeTimeout(handshake);
        return (authorities == null ? options : options.trustManager(authorities.toFile())).build();
    }
}
