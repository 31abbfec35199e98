package dev.errand.state.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The network between a gateway and its store, on loopback, which can be made to fail as networks do. Thread-safe. */
public final class TcpProxy implements AutoCloseable {
    /** One connection through it. */
    private static final class Link {
        private final Socket near;
        private volatile boolean lost;

        private Link(Socket near) {
            this.near = near;
        }
    }

    private final ServerSocket server;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final Object network = new Object();
    private volatile int port;
    private final AtomicInteger accepted = new AtomicInteger();
    private volatile Duration delay = Duration.ZERO;
    private boolean cut;
    private boolean closed;

    /** @param port of loopback, where connections lead to */
    public TcpProxy(int port) throws IOException {
        this(port, new ServerSocket(0, 200, InetAddress.getLoopbackAddress()));
    }

    /** @param server accepts the connections: one of TLS makes it the end of TLS */
    public TcpProxy(int port, ServerSocket server) {
        this.port = port;
        this.server = server;
        daemon(this::accept);
    }

    /** Where to connect to. */
    public int port() {
        return server.getLocalPort();
    }

    /** How many connections came so far. */
    public int accepted() {
        return accepted.get();
    }

    /** From now on every answer takes so much longer. */
    public void delay(Duration longer) {
        delay = longer;
    }

    /** From now on no byte passes, and nobody is told: not of connections, not of their end. */
    public void cut() {
        synchronized (network) {
            cut = true;
        }
    }

    /** Bytes pass again, those that were under way first. */
    public void mend() {
        synchronized (network) {
            cut = false;
            network.notifyAll();
        }
    }

    /** As {@link #mend}, but what was connected so far stays silent for ever. */
    public void mendWithoutTheConnections() {
        links.forEach(link -> link.lost = true);
        mend();
    }

    /** From now on new connections lead there; the old ones stay. */
    public void leadTo(int next) {
        port = next;
    }

    /** Ends all connections. */
    public void disconnect() {
        links.forEach(link -> close(link.near));
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Link link = new Link(server.accept());
                accepted.incrementAndGet();
                links.add(link);
                daemon(() -> connect(link));
            } catch (IOException stopped) {
                return;
            }
        }
    }

    private void connect(Link link) {
        try (Socket near = link.near;
                Socket far = new Socket()) {
            if (!passes(link)) {
                near.getInputStream().transferTo(OutputStream.nullOutputStream());
                return;
            }
            far.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 2000);
            Thread back = daemon(() -> pump(link, far, near, true));
            pump(link, near, far, false);
            back.join();
        } catch (IOException refused) {
            // Both ends are closed: so is the caller's connection.
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } finally {
            links.remove(link);
        }
    }

    private void pump(Link link, Socket from, Socket to, boolean answers) {
        byte[] buffer = new byte[1 << 14];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (answers && !delay.isZero()) {
                    Thread.sleep(delay.toMillis());
                }
                if (passes(link)) {
                    out.write(buffer, 0, n);
                }
            }
        } catch (IOException ended) {
            // As an end of the stream.
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        if (passes(link) || !answers) {
            close(from);
            close(to);
        }
    }

    private boolean passes(Link link) {
        synchronized (network) {
            while (cut && !closed) {
                try {
                    network.wait();
                } catch (InterruptedException stopped) {
                    Thread.currentThread().interrupt();
                    return false;
                }
            }
            return !link.lost && !closed;
        }
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "tcp-proxy");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException closed) {
            // It is closed.
        }
    }

    @Override
    public void close() {
        synchronized (network) {
            closed = true;
            network.notifyAll();
        }
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        disconnect();
    }
}
