package dev.errand.json;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A {@link StringBuilder} for each thread, lent to one text at a time, so that a text of a few kilobytes that every call makes is
 * not grown anew each time. Whoever takes while it is lent gets a new one.
 */
public final class TextBuilder {
    private static final int ROOM = 4096;
    /** Of a larger one the thread would keep the memory. */
    private static final int MAX_KEPT = 1 << 15;

    private static final ThreadLocal<TextBuilder> OF_THREAD = ThreadLocal.withInitial(TextBuilder::new);

    private @Nullable StringBuilder free;

    private TextBuilder() {}

    /** An empty builder, for this thread until {@link #utf8}. */
    public static StringBuilder take() {
        TextBuilder own = OF_THREAD.get();
        StringBuilder taken = own.free;
        own.free = null;
        return taken == null ? new StringBuilder(ROOM) : taken;
    }

    /**
     * What was built, in UTF-8; the builder is given back, and may not be used again.
     *
     * @throws IllegalStateException if it was given back before
     */
    public static byte[] utf8(StringBuilder taken) {
        TextBuilder own = OF_THREAD.get();
        if (own.free == taken) {
            throw new IllegalStateException("this text was ended before");
        }
        byte[] bytes = taken.toString().getBytes(StandardCharsets.UTF_8);
        // A builder that other characters widened stays wide and slow, so only one of ASCII is kept.
        if (taken.capacity() <= MAX_KEPT && bytes.length == taken.length()) {
            taken.setLength(0);
            own.free = taken;
        }
        return bytes;
    }
}
