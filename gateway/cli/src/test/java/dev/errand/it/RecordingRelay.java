package dev.errand.it;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Stands between the gateway and a real server, passes every byte, and keeps those that went to the server. Thread-safe. */
final class RecordingRelay implements AutoCloseable {
    private final ServerSocket listener;
    private final int target;
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

    RecordingRelay(int target) {
        this.target = target;
        try {
            listener = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        daemon(this::accept);
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "recording-relay");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                daemon(() -> pass(client, server, true));
                daemon(() -> pass(server, client, false));
            } catch (IOException closed) {
                // The listener or the server is gone; the gateway sees its connection end.
            }
        }
    }

    private void pass(Socket from, Socket to, boolean keep) {
        byte[] buffer = new byte[8192];
        try {
            for (int n = from.getInputStream().read(buffer);
                    n >= 0;
                    n = from.getInputStream().read(buffer)) {
                if (keep) {
                    synchronized (sent) {
                        sent.write(buffer, 0, n);
                    }
                }
                to.getOutputStream().write(buffer, 0, n);
            }
            to.shutdownOutput();
        } catch (IOException broken) {
            close(from);
            close(to);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException closed) {
            // It is closed.
        }
    }

    /** What went to the server since it was last asked. */
    String take() {
        synchronized (sent) {
            String bytes = sent.toString(StandardCharsets.ISO_8859_1);
            sent.reset();
            return bytes;
        }
    }

    String uri() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
