package dev.errand.agent.serve;

import dev.errand.agent.mcp.LineWriter;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
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

    private final List<String> command;
    private final Bounds bounds;
    private final Semaphore longLines;
    private final Receiver receiver;
    private final CompletableFuture<LineWriter> input = new CompletableFuture<>();
    private volatile @Nullable Process process;
    private volatile boolean ending;
    private final AtomicBoolean over = new AtomicBoolean();

    /** Takes what the process says. Called by the reading thread. */
    interface Receiver {
        /** A line. The next one is read when the result completes. */
        CompletableFuture<Void> line(byte[] line);

        /** The process is over, or cannot be started, or says what cannot be read. Called once. */
        void ended(String why);

        /** No process is left. Called once, perhaps before {@link #ended}. */
        void gone();
    }

    /** @param longLines permits for the long lines of all processes, which are in memory */
    StdioProcess(List<String> command, Bounds bounds, Semaphore longLines, Receiver receiver) {
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

    /** A process that it started may hold its output open for ever. What the process itself said is read first, for a moment. */
    private void exited() {
        CompletableFuture.delayedExecutor(bounds.stopping().toMillis(), TimeUnit.MILLISECONDS)
                .execute(() -> over(ENDED));
        receiver.gone();
    }

    /** Reads to the end of the output; why there is no more to read. */
    private String read(InputStream out) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        InputStream in = new BufferedInputStream(out);
        boolean permitted = false;
        try {
            for (int next = in.read(); next >= 0; next = in.read()) {
                if (next != '\n') {
                    if (line.size() == Bounds.LINE) {
                        return "the server said a message longer than " + (Bounds.LINE >> 20) + " MiB";
                    }
                    if (line.size() == SHORT) {
                        longLines.acquire();
                        permitted = true;
                    }
                    line.write(next);
                } else {
                    byte[] whole = line.toByteArray();
                    line = whole.length > SHORT ? new ByteArrayOutputStream() : emptied(line);
                    if (whole.length > 0) {
                        receiver.line(whole).get();
                    }
                    if (permitted) {
                        longLines.release();
                        permitted = false;
                    }
                }
            }
            return ENDED;
        } catch (InterruptedException | ExecutionException e) {
            return "the server's output cannot be read";
        } finally {
            if (permitted) {
                longLines.release();
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
