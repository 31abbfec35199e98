package dev.errand.it;

import static org.awaitility.Awaitility.await;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The app on a phone that shows a new password of six digits every 30 seconds (RFC 6238). Each is given once. */
final class TimedPassword {
    private static final int STEP_SECONDS = 30;

    private final String secret;
    private long shown = -1;

    TimedPassword(String secret) {
        this.secret = secret;
    }

    String secret() {
        return secret;
    }

    /** The next password that was not given yet. A server takes none twice, so that this may wait for half a minute. */
    synchronized String now() {
        await().atMost(Duration.ofSeconds(STEP_SECONDS + 5)).until(() -> step() != shown);
        shown = step();
        try {
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.US_ASCII), "HmacSHA1"));
            byte[] hash =
                    mac.doFinal(ByteBuffer.allocate(Long.BYTES).putLong(shown).array());
            int offset = hash[hash.length - 1] & 0xf;
            int number = ByteBuffer.wrap(hash, offset, Integer.BYTES).getInt() & 0x7fffffff;
            return "%06d".formatted(number % 1_000_000);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static long step() {
        return Instant.now().getEpochSecond() / STEP_SECONDS;
    }
}
