package dev.errand.agent.serve;

import dev.errand.agent.mcp.LineWriter;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One process of the command. Its standard input and output hold one message a line, its standard error is this process's. A
 * thread of its own starts it and reads its output. Thread-safe.
 */
final class StdioProcess {
    /** The length in bytes up to which a line needs no permit. */
    private static final int SHORT = 32 << 10;

    private static final String ENDED = "the server has ended";

    /** How often it is looked which processes it has started. */
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final int MOST_CHILDREN = 256;

    private final List<String> command;
    private final Bounds bounds;
    private final LongLines longLines;
    private final Receiver receiver;
    private final CompletableFuture<LineWriter> input = new CompletableFuture<>();
    private volatile @Nullable Process process;
    private volatile boolean ending;
    private volatile Set<ProcessHandle> children = Set.of();
    private volatile long lookedNanos;
    private final AtomicBoolean over = new AtomicBoolean();

    /** Takes what the process says. Called by the reading thread. */
    interface Receiver {
        /** A line. The next one is read when the result completes. */
        CompletableFuture<Void> line(byte[] line);

        /** The client has to take at once what it is being sent, or its connection is closed. */
        void late();

        /** The process is over, or cannot be started, or says what cannot be read. Called once. */
        void ended(String why);

        /** No process is left. Called once, perhaps before {@link #ended}. */
        void gone();
    }

    /** @param longLines of all processes */
    StdioProcess(List<String> command, Bounds bounds, LongLines longLines, Receiver receiver) {
        this.command = command;
        this.bounds = bounds;
        this.longLines = longLines;
        this.receiver = receiver;
        Thread thread = new Thread(this::run, "mcp-server");
        thread.setDaemon(true);
        thread.start();
    }

    /** Sends a message. Returns false if the process does not read those before it. */
    boolean send(byte[] json) {
        LineWriter writer = input.getNow(null);
        if (writer != null && !writer.isWritable()) {
            return false;
        }
        input.thenAccept(ready -> ready.write(json));
        return true;
    }

    /** Ends the process: closes its input, and after a while its life. */
    void end() {
        ending = true;
        input.thenAccept(LineWriter::close);
        Process running = process;
        if (running != null) {
            note(running);
            stop(running, false);
        }
    }

    private void run() {
        String why;
        try {
            Process started = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            process = started;
            input.complete(new LineWriter(started.getOutputStream(), () -> {}));
            if (ending) {
                end();
            }
            started.onExit().thenRun(this::exited);
            why = read(started.getInputStream());
        } catch (IOException | RuntimeException e) {
            why = "the server cannot be run";
            input.cancel(false);
        }
        over(why);
        end();
        if (process == null) {
            receiver.gone();
        }
    }

    private void over(String why) {
        if (!over.getAndSet(true)) {
            receiver.ended(why);
        }
    }

    /** Others wait while a long message of this process is not said, or not taken. */
    private void giveWay() {
        receiver.late();
        over("a long message was not taken in time while others waited");
        end();
    }

    /**
     * A process that it started may hold its output open for ever. What the process itself said is read first, for a moment. Then
     * the processes end that it started and left: a wrapper often leaves the server.
     */
    private void exited() {
        later(() -> {
            over(ENDED);
            children.forEach(child -> signal(child, false));
            later(() -> children.forEach(child -> signal(child, true)));
        });
        receiver.gone();
    }

    private void later(Runnable work) {
        CompletableFuture.delayedExecutor(bounds.stopping().toMillis(), TimeUnit.MILLISECONDS)
                .execute(work);
    }

    /** Notes which processes this one has started: once it is over, they are not known as its own any more. */
    private void look() {
        long now = System.nanoTime();
        Process running = process;
        if (running != null && (lookedNanos == 0 || now - lookedNanos >= LOOK_NANOS)) {
            lookedNanos = now;
            note(running);
        }
    }

    private void note(Process running) {
        Set<ProcessHandle> all = new HashSet<>(children);
        all.removeIf(child -> !child.isAlive());
        running.descendants().limit(MOST_CHILDREN).forEach(all::add);
        children = all;
    }

    /** Reads to the end of the output; why there is no more to read. */
    private String read(InputStream out) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        InputStream in = new BufferedInputStream(out);
        LongLines.Permit permit = null;
        try {
            for (int next = in.read(); next >= 0; next = in.read()) {
                if (next != '\n') {
                    if (line.size() == Bounds.LINE) {
                        return "the server said a message longer than " + (Bounds.LINE >> 20) + " MiB";
                    }
                    if (line.size() == SHORT) {
                        permit = longLines.acquire(this::giveWay);
                    }
                    line.write(next);
                } else {
                    byte[] whole = line.toByteArray();
                    line = whole.length > SHORT ? new ByteArrayOutputStream() : emptied(line);
                    look();
                    if (whole.length > 0) {
                        receiver.line(whole).get();
                    }
                    if (permit != null) {
                        longLines.release(permit);
                        permit = null;
                    }
                }
            }
            return ENDED;
        } catch (InterruptedException | ExecutionException e) {
            return "the server's output cannot be read";
        } finally {
            if (permit != null) {
                longLines.release(permit);
            }
        }
    }

    private static ByteArrayOutputStream emptied(ByteArrayOutputStream used) {
        used.reset();
        return used;
    }

    /** Waits for the end of the process, then asks for it, then forces it: also that of the processes that it started. */
    private void stop(Process running, boolean force) {
        running.onExit()
                .orTimeout(bounds.stopping().toMillis(), TimeUnit.MILLISECONDS)
                .exceptionally(still -> {
                    running.descendants().forEach(child -> signal(child, force));
                    signal(running.toHandle(), force);
                    if (!force) {
                        stop(running, true);
                    }
                    return running;
                });
    }

    private static void signal(ProcessHandle handle, boolean force) {
        if (force) {
            handle.destroyForcibly();
        } else {
            handle.destroy();
        }
    }
}
