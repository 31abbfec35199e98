package dev.errand.agent.mcp;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;

/**
 * Bounds how many answers of more than 32 KiB are held at once. The heap is small, so there are places for two, each of at most
 * 4 MiB. A third long answer is read on when one of the two gives up its place. Used on the event loop only.
 */
final class LongAnswers {
    /** The size in bytes up to which an answer needs no place. */
    static final int SHORT = 32 << 10;

    private static final int MOST = 2;

    private final Set<McpPost> inside = new HashSet<>();
    private final ArrayDeque<McpPost> waiting = new ArrayDeque<>();

    /** Whether more of this answer may be read now. If not, {@link McpPost#resume} is called when it may. */
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

    /** Gives up the place of an answer that has ended, or that holds little again. */
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
