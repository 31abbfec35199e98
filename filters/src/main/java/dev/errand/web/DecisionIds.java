package dev.errand.web;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Base64;

/** Makes decision ids: {@code d-} and 22 base64url characters, beginning with the time, unique across replicas. */
final class DecisionIds {
    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();
    private static final ThreadLocal<SecureRandom> RANDOM = ThreadLocal.withInitial(SecureRandom::new);

    private DecisionIds() {}

    static String next() {
        long random = RANDOM.get().nextLong();
        long timeAndRandom = (System.currentTimeMillis() << 16) | (RANDOM.get().nextInt() & 0xffff);
        byte[] bytes =
                ByteBuffer.allocate(16).putLong(timeAndRandom).putLong(random).array();
        return "d-" + ENCODER.encodeToString(bytes);
    }
}
