package dev.errand.json;

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

    /** An empty builder, for this thread until {@link #text}. */
    public static StringBuilder take() {
        TextBuilder own = OF_THREAD.get();
        StringBuilder taken = own.free;
        own.free = null;
        return taken == null ? new StringBuilder(ROOM) : taken;
    }

    /** What was built; the builder is given back. */
    public static String text(StringBuilder taken) {
        String text = taken.toString();
        if (taken.capacity() <= MAX_KEPT) {
            taken.setLength(0);
            OF_THREAD.get().free = taken;
        }
        return text;
    }
}
