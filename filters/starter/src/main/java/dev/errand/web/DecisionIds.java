package dev.errand.web;

import dev.errand.token.Base64Url;
import java.nio.ByteBuffer;
import java.security.SecureRandom;

/** Makes decision ids: {@code d-} and 22 base64url characters, beginning with the time, unique across replicas. */
public final class DecisionIds {
    private static final ThreadLocal<Source> SOURCES = ThreadLocal.withInitial(Source::new);

    private DecisionIds() {}

    public static String next() {
        return SOURCES.get().next();
    }

    /** One thread's ids. It draws random bytes for many at once, since all threads share the lock on a draw. */
    private static final class Source {
        private static final int BYTES = 16;
        private static final int TIME_BYTES = 6;
        private static final int RANDOM_BYTES = BYTES - TIME_BYTES;
        private static final int IDS_A_DRAW = 64;

        private final SecureRandom random = new SecureRandom();
        private final byte[] drawn = new byte[RANDOM_BYTES * IDS_A_DRAW];
        private int used = drawn.length;

        public String next() {
            if (used == drawn.length) {
                random.nextBytes(drawn);
                used = 0;
            }
            byte[] id = ByteBuffer.allocate(BYTES)
                    .putLong(System.currentTimeMillis() << 16)
                    .put(TIME_BYTES, drawn, used, RANDOM_BYTES)
                    .array();
            used += RANDOM_BYTES;
            return "d-" + Base64Url.encode(id);
        }
    }
}
