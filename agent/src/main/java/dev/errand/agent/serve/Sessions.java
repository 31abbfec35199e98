package dev.errand.agent.serve;

import dev.errand.agent.listen.Secret;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The sessions and their processes. Used on the event loop only. */
final class Sessions implements StdioSession.Lifecycle {
    private static final int LONG_LINES = 4;
    private static final long SAID_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final EventLoop loop;
    private final List<String> command;
    private final Bounds bounds;
    private final Consumer<String> notes;
    private final Map<String, StdioSession> byId = new LinkedHashMap<>();
    private final LongLines longLines;
    private int processes;
    private long bodies = Bounds.BODIES;
    private long badLines;
    private long sayAfter = System.nanoTime();

    /** @param notes takes a line for the person who runs the command */
    Sessions(EventLoop loop, List<String> command, Bounds bounds, Consumer<String> notes) {
        this.loop = loop;
        this.command = List.copyOf(command);
        this.bounds = bounds;
        this.notes = notes;
        this.longLines = new LongLines(LONG_LINES, bounds.taking());
        long look = Math.max(1, bounds.quiet().toMillis());
        loop.scheduleAtFixedRate(this::look, look, look, TimeUnit.MILLISECONDS);
    }

    Bounds bounds() {
        return bounds;
    }

    /** Begins a session; null if there is no room for one more process. */
    @Nullable StdioSession begin() {
        if (processes >= bounds.processes()) {
            StdioSession spare = longestUnused();
            if (spare != null && spare.unused().compareTo(bounds.spare()) >= 0) {
                spare.end("the session was ended to make room for another");
            }
            // Also where one was ended: its process takes a moment to end.
            return null;
        }
        processes++;
        StdioSession session = new StdioSession(Secret.fresh(), loop, command, bounds, longLines, this);
        byId.put(session.id(), session);
        return session;
    }

    private @Nullable StdioSession longestUnused() {
        StdioSession found = null;
        for (StdioSession each : byId.values()) {
            if (found == null || each.unused().compareTo(found.unused()) > 0) {
                found = each;
            }
        }
        return found;
    }

    /** The session with this id; null if there is none. */
    @Nullable StdioSession find(@Nullable String id) {
        return id == null ? null : byId.get(id);
    }

    /** Takes memory for a body. Returns false if too little is left. */
    boolean admits(long bytes) {
        if (bytes > bodies) {
            return false;
        }
        bodies -= bytes;
        return true;
    }

    /** Gives the memory of a body back. */
    void leave(long bytes) {
        bodies += bytes;
    }

    /** Ends what nobody uses, and shows open streams alive. */
    private void look() {
        for (StdioSession each : List.copyOf(byId.values())) {
            Duration unused = each.unused();
            if (unused.compareTo(bounds.idle()) >= 0) {
                each.end("the session was not used for " + bounds.idle().toSeconds() + " s");
            } else {
                each.alive();
            }
        }
    }

    void end() {
        List.copyOf(byId.values()).forEach(each -> each.end("the command has ended"));
    }

    @Override
    public void ended(StdioSession session, String why) {
        byId.remove(session.id());
    }

    @Override
    public void gone() {
        processes--;
    }

    /** How many processes there are. */
    int processes() {
        return processes;
    }

    @Override
    public void badLine() {
        badLines++;
        long now = System.nanoTime();
        if (now - sayAfter >= 0) {
            sayAfter = now + SAID_NANOS;
            notes.accept(badLines + (badLines == 1 ? " line" : " lines")
                    + " on the server's standard output held no JSON-RPC message and was left out");
        }
    }
}
