package dev.errand.it;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ServerSocketFactory;

/**
 * An upstream of plain sockets on a free port of loopback, which keeps every byte of every connection: for what only the
 * wire shows, and for answers that no decent server gives. Thread-safe.
 */
final class RawUpstream implements AutoCloseable {
    /** What a connection does once a request's head has arrived. */
    @FunctionalInterface
    interface Behaviour {
        /** @return whether the connection stays open for another request */
        boolean answer(Socket socket, String head) throws Exception;
    }

    private final ServerSocket server;
    private final List<ByteArrayOutputStream> connections = new CopyOnWriteArrayList<>();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final AtomicInteger ended = new AtomicInteger();
    private volatile Behaviour behaviour = (socket, head) -> {
        write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
        return true;
    };

    RawUpstream() {
        this(ServerSocketFactory.getDefault());
    }

    /** The same by TLS, where the factory is one of TLS. */
    RawUpstream(ServerSocketFactory sockets) {
        try {
            server = sockets.createServerSocket(0, 200, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        daemon(this::accept);
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "raw-upstream");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                sockets.add(socket);
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                connections.add(bytes);
                daemon(() -> serve(socket, bytes));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket, ByteArrayOutputStream bytes) {
        try {
            InputStream in = socket.getInputStream();
            int from = 0;
            byte[] buffer = new byte[8192];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                String text;
                synchronized (bytes) {
                    bytes.write(buffer, 0, n);
                    text = bytes.toString(StandardCharsets.ISO_8859_1).substring(from);
                }
                int end = text.indexOf("\r\n\r\n");
                if (end >= 0 && whole(text, end)) {
                    from += text.length();
                    if (!behaviour.answer(socket, text.substring(0, end))) {
                        socket.close();
                        return;
                    }
                }
            }
        } catch (Exception closed) {
            // The gateway or the test went away.
        }
        if (connections.contains(bytes)) {
            ended.incrementAndGet();
        }
    }

    /** How many connections have ended since {@link #forget}, in whatever way. */
    int ended() {
        return ended.get();
    }

    private static boolean whole(String text, int end) {
        String head = text.substring(0, end).toLowerCase(java.util.Locale.ROOT);
        if (head.contains("\r\ntransfer-encoding: chunked")) {
            // Trailers may follow the last part.
            return text.endsWith("\r\n\r\n") && text.lastIndexOf("\r\n0\r\n") > end;
        }
        int at = head.indexOf("\r\ncontent-length: ");
        if (at < 0) {
            return true;
        }
        int stop = head.indexOf("\r\n", at + 2);
        String length = head.substring(at + 18, stop < 0 ? head.length() : stop);
        return text.length() - end - 4 >= Integer.parseInt(length.strip());
    }

    static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    /** Ends the connection with RST. */
    static boolean reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
        return false;
    }

    /** From now on requests are answered so. */
    void behave(Behaviour next) {
        behaviour = next;
    }

    /** The bytes of all connections, one text each. */
    List<String> connections() {
        return connections.stream()
                .map(bytes -> {
                    synchronized (bytes) {
                        return bytes.toString(StandardCharsets.ISO_8859_1);
                    }
                })
                .toList();
    }

    /** All bytes that arrived. */
    String bytes() {
        return String.join("", connections());
    }

    /** Forgets what arrived, and closes what is open. */
    void forget() {
        for (Socket socket : sockets) {
            try {
                socket.close();
            } catch (IOException closed) {
                // It is closed.
            }
        }
        sockets.clear();
        connections.clear();
        ended.set(0);
    }

    int port() {
        return server.getLocalPort();
    }

    String uri() {
        return "http://127.0.0.1:" + port();
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        forget();
    }
}
