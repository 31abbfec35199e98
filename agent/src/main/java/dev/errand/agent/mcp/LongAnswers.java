package dev.errand.agent.mcp;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;

/**
 * How many answers of more than 32 KiB are held at once: two, each at most 4 MiB, since the heap is small. The rest of a further
 * one is read when one of the two has left. Used on the event loop only.
 */
final class LongAnswers {
    /** A shorter one needs no place. */
    static final int SHORT = 32 << 10;

    private static final int MOST = 2;

    private final Set<McpPost> inside = new HashSet<>();
    private final ArrayDeque<McpPost> waiting = new ArrayDeque<>();

    /** Whether more of it can be read now; if not, it is told when it can. */
    boolean admits(McpPost post) {
        if (inside.contains(post)) {
            return true;
        }
        if (inside.size() < MOST) {
            waiting.remove(post);
            inside.add(post);
            return true;
        }
        if (!waiting.contains(post)) {
            waiting.add(post);
        }
        return false;
    }

    /** It holds little again, or has ended. */
    void leave(McpPost post) {
        waiting.remove(post);
        if (inside.remove(post)) {
            McpPost next = waiting.poll();
            if (next != null) {
                inside.add(next);
                next.resume();
            }
        }
    }
}
