package dev.errand.operator;

import dev.errand.config.ConfigurationException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The token in a file, which is read again while the gateway runs. After a change the new token and the one before are both good for
 * {@value #BOTH_MINUTES} minutes, so that those who send it can be given the new one. A file that cannot be used changes nothing.
 * Thread-safe, except that one thread at a time may read.
 */
final class TokenFile {
    private static final Logger LOG = LoggerFactory.getLogger(TokenFile.class);
    private static final int BOTH_MINUTES = 10;
    private static final long BOTH_NANOS = Duration.ofMinutes(BOTH_MINUTES).toNanos();

    private final String name;
    private final Path file;
    private final String key;
    private final LongSupplier nanoTime;
    private volatile Tokens tokens;
    private volatile @Nullable String fault;

    /**
     * @param before the token before {@code now}; null if it is over
     * @param sinceNanos when {@code now} was first read
     */
    private record Tokens(OperatorToken now, @Nullable OperatorToken before, long sinceNanos) {}

    /**
     * @param name the operator's
     * @param key the key of the configuration that names the file
     * @param now the token that the file holds
     */
    TokenFile(String name, Path file, String key, OperatorToken now, LongSupplier nanoTime) {
        this.name = name;
        this.file = file;
        this.key = key;
        this.nanoTime = nanoTime;
        this.tokens = new Tokens(now, null, nanoTime.getAsLong());
    }

    /** Whether the {@code Authorization} header carries the token, or the one before while that is good. */
    boolean isIn(String authorization) {
        Tokens known = tokens;
        OperatorToken before = known.before();
        boolean now = known.now().isIn(authorization);
        // Both are compared, so that the duration does not show which one matched.
        boolean earlier = before != null && before.isIn(authorization);
        return now || (earlier && nanoTime.getAsLong() - known.sinceNanos() < BOTH_NANOS);
    }

    /** Reads the file. Blocks on the disk. */
    void read() {
        try {
            OperatorToken found = OperatorToken.load(file, key);
            Tokens known = tokens;
            if (!found.equals(known.now())) {
                tokens = new Tokens(found, known.now(), nanoTime.getAsLong());
                LOG.info(
                        "the token of operator '{}' has changed; the one before is good for {} minutes more",
                        name,
                        BOTH_MINUTES);
            } else if (known.before() != null && nanoTime.getAsLong() - known.sinceNanos() >= BOTH_NANOS) {
                tokens = new Tokens(found, null, known.sinceNanos());
                LOG.info("the token of operator '{}' before the change is no longer good", name);
            }
            fault = null;
        } catch (ConfigurationException unusable) {
            String why = String.valueOf(unusable.getMessage());
            if (!why.equals(fault)) {
                LOG.warn("{}; the token from before stays in use", why);
            }
            fault = why;
        }
    }

    /** Why the file's content is not in use; empty if it is. */
    Optional<String> fault() {
        return Optional.ofNullable(fault);
    }
}
