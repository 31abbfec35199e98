package dev.errand.agent.listen;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Admits connections over loopback only from processes of this process's user, of COMMAND's user, and of root. A connection
 * whose user is not known is not admitted. Thread-safe. Users are looked up on a thread of its own, since a table of
 * many sockets takes long to read; connections that arrive meanwhile share the next look.
 */
public final class PeerUsers {
    private static final int ROOT = 0;
    private static final long SAID_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Consumer<String> notes;
    private final Executor looking;
    private final ConcurrentLinkedQueue<Asked> waiting = new ConcurrentLinkedQueue<>();
    private final @Nullable Integer own = user("self");
    private @Nullable List<SocketOwners> owners;
    private volatile @Nullable String command;
    private int unsaid;
    private long sayAfter = System.nanoTime();

    /** @param notes takes a line about connections that were not admitted, at most one in ten seconds */
    public PeerUsers(Consumer<String> notes) {
        this(notes, null, Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, "peer-users");
            thread.setDaemon(true);
            return thread;
        }));
    }

    /** @param owners in the order in which they are asked; null for those of this system */
    PeerUsers(Consumer<String> notes, @Nullable List<SocketOwners> owners, Executor looking) {
        this.notes = notes;
        this.owners = owners;
        this.looking = looking;
        // So that the first connection does not wait for what takes time once.
        looking.execute(this::owners);
    }

    private record Asked(Connection connection, CompletableFuture<Boolean> verdict) {}

    /** Whether this system can tell the users of sockets. */
    public static boolean isKnown() {
        return System.getProperty("os.name", "").startsWith("Linux");
    }

    /** COMMAND has started: its user is admitted from now on, also if it changes. */
    public void started(long pid) {
        command = Long.toString(pid);
    }

    /** COMMAND has ended: its process id may become another process's. */
    public void ended() {
        command = null;
    }

    /** Whether a connection is admitted. The result completes on the looking thread, never exceptionally. */
    public CompletableFuture<Boolean> admits(Connection connection) {
        Asked asked = new Asked(connection, new CompletableFuture<>());
        waiting.add(asked);
        looking.execute(this::look);
        return asked.verdict();
    }

    private List<SocketOwners> owners() {
        List<SocketOwners> known = owners;
        if (known == null) {
            known = new ArrayList<>();
            SockDiag kernel = SockDiag.open();
            if (kernel != null) {
                known.add(kernel);
            }
            // The second reading finds an entry that moved during the first one.
            known.addAll(List.of(new ProcNetTcp(), new ProcNetTcp()));
            owners = known;
        }
        return known;
    }

    private void look() {
        List<Asked> together = new ArrayList<>();
        for (Asked next = waiting.poll(); next != null; next = waiting.poll()) {
            together.add(next);
        }
        if (together.isEmpty()) {
            return;
        }
        Map<Connection, Integer> users = new HashMap<>();
        try {
            List<Connection> unknown =
                    new ArrayList<>(together.stream().map(Asked::connection).toList());
            for (SocketOwners each : owners()) {
                if (!unknown.isEmpty()) {
                    users.putAll(each.of(unknown));
                    unknown.removeAll(users.keySet());
                }
            }
        } finally {
            for (Asked asked : together) {
                Integer user = users.get(asked.connection());
                boolean admitted = user != null && isAdmitted(user);
                if (!admitted) {
                    say(user);
                }
                asked.verdict().complete(admitted);
            }
        }
    }

    private boolean isAdmitted(Integer user) {
        if (user == ROOT || user.equals(own)) {
            return true;
        }
        String running = command;
        return running != null && user.equals(user(running));
    }

    /** The effective user id of a process (proc(5), {@code status}); null if it cannot be read. */
    private static @Nullable Integer user(String process) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc", process, "status"))) {
                if (line.startsWith("Uid:")) {
                    return Integer.parseUnsignedInt(line.split("\\s+")[2]);
                }
            }
        } catch (IOException | RuntimeException unreadable) {
            // The user stays unknown.
        }
        return null;
    }

    private void say(@Nullable Integer user) {
        unsaid++;
        long now = System.nanoTime();
        if (now - sayAfter >= 0) {
            String of = user == null ? "an unknown user" : "user " + Integer.toUnsignedString(user);
            notes.accept("closed " + (unsaid == 1 ? "a connection" : unsaid + " connections, the last") + " of " + of
                    + ": only processes of the companion's own user may connect (--peer)");
            unsaid = 0;
            sayAfter = now + SAID_NANOS;
        }
    }
}
