package dev.errand.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a client and a server, passes every byte, and does something at one point of one call: after so many bytes, or
 * right behind a text. Thread-safe.
 */
final class TripRelay implements AutoCloseable {
    private static final int LINGER_NONE = 0;

    private final ServerSocket listener;
    private final int target;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Trip trip;

    /**
     * Where it happens.
     *
     * @param toServer whether the bytes are those of the client
     * @param bytes how many of them pass before
     * @param text what passes before; where it is not empty the bytes do not count
     */
    record Point(boolean toServer, int bytes, String text) {
        static Point sent(int bytes) {
            return new Point(true, bytes, "");
        }

        static Point sentAll(String end) {
            return new Point(true, 0, end);
        }

        static Point answered(int bytes) {
            return new Point(false, bytes, "");
        }
    }

    private static final class Trip {
        private final Point point;
        private final Runnable action;
        private final StringBuilder passed = new StringBuilder();

        Trip(Point point, Runnable action) {
            this.point = point;
            this.action = action;
        }

        /** How many of the next bytes pass before it happens; -1 where it does not happen among them. */
        synchronized int within(byte[] buffer, int length) {
            int before = passed.length();
            passed.append(new String(buffer, 0, length, StandardCharsets.ISO_8859_1));
            int at = point.bytes();
            if (!point.text().isEmpty()) {
                int found = passed.indexOf(point.text());
                at = found < 0 ? Integer.MAX_VALUE : found + point.text().length();
            }
            return at <= passed.length() ? Math.max(0, at - before) : -1;
        }
    }

    TripRelay(int target) {
        this.target = target;
        try {
            listener = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        daemon(this::accept);
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort());
    }

    /** Does this once, at that point of what passes from now on. */
    void at(Point point, Runnable action) {
        trip = new Trip(point, action);
    }

    /** Whether it was done. */
    boolean isTripped() {
        return trip == null;
    }

    /** Resets every connection that passes through. */
    void reset() {
        for (Socket socket : open) {
            try {
                socket.setSoLinger(true, LINGER_NONE);
            } catch (IOException gone) {
                // It is closed already.
            }
            close(socket);
        }
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "trip-relay");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                open.add(client);
                daemon(() -> connect(client));
            } catch (IOException closed) {
                // The listener is gone.
            }
        }
    }

    private void connect(Socket client) {
        try {
            Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
            open.add(server);
            daemon(() -> pass(server, client, false));
            pass(client, server, true);
        } catch (IOException noServer) {
            close(client);
        }
    }

    private void pass(Socket from, Socket to, boolean toServer) {
        byte[] buffer = new byte[1024];
        try {
            for (int n = from.getInputStream().read(buffer);
                    n >= 0;
                    n = from.getInputStream().read(buffer)) {
                int before = before(buffer, n, toServer);
                to.getOutputStream().write(buffer, 0, before < 0 ? n : before);
                if (before >= 0) {
                    act();
                    to.getOutputStream().write(buffer, before, n - before);
                }
            }
            to.shutdownOutput();
        } catch (IOException broken) {
            close(from);
            close(to);
        }
    }

    private int before(byte[] buffer, int length, boolean toServer) {
        Trip armed = trip;
        return armed == null || armed.point.toServer() != toServer ? -1 : armed.within(buffer, length);
    }

    private void act() {
        Trip armed;
        synchronized (this) {
            armed = trip;
            trip = null;
        }
        if (armed != null) {
            armed.action.run();
        }
    }

    private void close(Socket socket) {
        open.remove(socket);
        try {
            socket.close();
        } catch (IOException closed) {
            // It is closed.
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        reset();
    }
}
