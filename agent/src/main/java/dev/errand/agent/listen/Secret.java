package dev.errand.agent.listen;

import java.security.SecureRandom;
import java.util.HexFormat;

/** A random secret: 128 bits, in lower-case hexadecimal. */
public final class Secret {
    private static final int BYTES = 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    private Secret() {}

    public static String fresh() {
        byte[] bytes = new byte[BYTES];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
