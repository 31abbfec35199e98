package dev.errand.credential;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Secret bytes that print as {@code ***}. Immutable; compared by content. */
public final class Secret {
    private final byte[] bytes;

    private Secret(byte[] bytes) {
        this.bytes = bytes;
    }

    /** The content of a secret file, without surrounding white space. */
    public static Secret of(byte[] content) {
        int start = 0;
        int end = content.length;
        while (start < end && content[start] >= 0 && content[start] <= ' ') {
            start++;
        }
        while (end > start && content[end - 1] >= 0 && content[end - 1] <= ' ') {
            end--;
        }
        return new Secret(Arrays.copyOfRange(content, start, end));
    }

    /** Whether the secret is valid as a header value: not empty, only visible ASCII and spaces. */
    public boolean isHeaderValue() {
        for (byte b : bytes) {
            if (b < ' ' || b == 0x7f) {
                return false;
            }
        }
        return bytes.length > 0;
    }

    /** The prefix followed by the secret; write it out at once and do not keep it. */
    public String reveal(String prefix) {
        return prefix + new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret secret && java.security.MessageDigest.isEqual(bytes, secret.bytes);
    }

    @Override
    public int hashCode() {
        return 1;
    }

    @Override
    public String toString() {
        return "***";
    }
}
