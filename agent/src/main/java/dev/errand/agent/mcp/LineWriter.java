package dev.errand.agent.mcp;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;

/** Writes messages, one a line, on a separate thread, since a reader may be slow. Thread-safe. */
public final class LineWriter {
    private static final long MOST_WAITING = 1 << 20;
    private static final byte[] END = {};

    private final LinkedBlockingQueue<byte[]> queue = new LinkedBlockingQueue<>();
    private final AtomicLong waiting = new AtomicLong();
    private final OutputStream out;
    private final Runnable drained;

    /** @param drained runs on the writer's thread when the writer can take more again */
    public LineWriter(OutputStream out, Runnable drained) {
        this.out = out;
        this.drained = drained;
        Thread thread = new Thread(this::run, "mcp-output");
        thread.setDaemon(true);
        thread.start();
    }

    /** Takes one JSON text. Line ends in it are white space, since line ends within strings are escaped. */
    public void write(byte[] json) {
        byte[] line = new byte[json.length + 1];
        int length = 0;
        for (byte b : json) {
            if (b != '\r') {
                line[length++] = b == '\n' ? (byte) ' ' : b;
            }
        }
        line[length++] = '\n';
        byte[] exact = length == line.length ? line : Arrays.copyOf(line, length);
        waiting.addAndGet(exact.length);
        queue.add(exact);
    }

    /** Whether less than 1 MiB waits to be written. If not, nothing more should be given to it. */
    public boolean isWritable() {
        return waiting.get() < MOST_WAITING;
    }

    /** Closes the output after everything that was given is written. */
    public void close() {
        queue.add(END);
    }

    /** Waits until everything is written. */
    void drain() throws InterruptedException {
        synchronized (waiting) {
            while (waiting.get() > 0) {
                waiting.wait(1_000);
            }
        }
    }

    private void run() {
        try (out) {
            while (true) {
                byte[] line = queue.take();
                if (line == END) {
                    return;
                }
                out.write(line);
                out.flush();
                boolean full = !isWritable();
                long left = waiting.addAndGet(-line.length);
                if (left == 0) {
                    synchronized (waiting) {
                        waiting.notifyAll();
                    }
                }
                if (full && isWritable()) {
                    drained.run();
                }
            }
        } catch (IOException | InterruptedException readerGone) {
            waiting.set(0);
        }
    }
}
