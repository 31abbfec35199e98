package dev.errand.token;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The instruction that made an agent act.
 *
 * @param source who or what gave the instruction
 * @param ref where it can be found, such as a ticket's address
 * @param digest {@code sha-256:} and the unpadded base64url digest of its text
 * @param integrity whether it may be trusted; along a chain it may fall, never rise
 */
public record Instruction(
        Source source, @Nullable String ref, @Nullable String digest, Integrity integrity) {
    /** Whether it states where it can be found, or the digest of its text. */
    public boolean isFindable() {
        return ref != null || digest != null;
    }

    /** Who or what gave an instruction. */
    public enum Source {
        HUMAN,
        AGENT,
        DOCUMENT,
        TOOL;

        /** The name in tokens and records. */
        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Whether an instruction may be trusted. */
    public enum Integrity {
        TRUSTED,
        UNTRUSTED;

        /** The name in tokens and records. */
        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
