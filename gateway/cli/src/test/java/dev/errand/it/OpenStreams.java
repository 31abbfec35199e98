package dev.errand.it;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Answers that have no end of their own, as their agents read them. One thread reads all, and notes when each ends. Thread-safe. */
final class OpenStreams implements AutoCloseable {
    /** By which an answer shows that it is under way. */
    static final String FIRST = "data: x";

    private static final int MAX_HEAD = 16_384;

    private final Selector selector = Selector.open();
    private final Queue<SocketChannel> opened = new ConcurrentLinkedQueue<>();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicLong lastEndNanos = new AtomicLong();
    private final Thread reader = new Thread(this::read, "open-streams");

    OpenStreams() throws IOException {
        reader.setDaemon(true);
        reader.start();
    }

    /** Calls, and returns once the answer is under way. */
    void open(RunningGateway gateway, TestAgent agent, String path) throws IOException {
        SocketChannel channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", gateway.port()));
        String request = "GET " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: DPoP " + agent.token() + "\r\nDPoP: "
                + agent.dpop("GET", path) + "\r\n\r\n";
        channel.socket().getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        InputStream in = channel.socket().getInputStream();
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        byte[] part = new byte[2048];
        while (!head.toString(StandardCharsets.ISO_8859_1).contains(FIRST)) {
            int n = in.read(part);
            if (n < 0 || head.size() > MAX_HEAD) {
                channel.close();
                throw new IOException("no stream: " + head.toString(StandardCharsets.ISO_8859_1));
            }
            head.write(part, 0, n);
        }
        open.incrementAndGet();
        channel.configureBlocking(false);
        opened.add(channel);
        selector.wakeup();
    }

    /** How many have not ended. */
    int count() {
        return open.get();
    }

    /** When the last one ended that has ended, by {@link System#nanoTime}. */
    long lastEndNanos() {
        return lastEndNanos.get();
    }

    private void read() {
        ByteBuffer bytes = ByteBuffer.allocate(8192);
        try {
            while (selector.isOpen()) {
                selector.select();
                for (SocketChannel one = opened.poll(); one != null; one = opened.poll()) {
                    one.register(selector, SelectionKey.OP_READ);
                }
                for (SelectionKey key : selector.selectedKeys()) {
                    if (isOver((SocketChannel) key.channel(), bytes.clear())) {
                        lastEndNanos.set(System.nanoTime());
                        open.decrementAndGet();
                        key.channel().close();
                    }
                }
                selector.selectedKeys().clear();
            }
        } catch (IOException | RuntimeException closed) {
            // With the selector; a stream that is not read any more is counted as open.
            return;
        }
    }

    private static boolean isOver(SocketChannel channel, ByteBuffer bytes) {
        try {
            return channel.read(bytes) < 0;
        } catch (IOException reset) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        for (SelectionKey key : selector.keys()) {
            key.channel().close();
        }
        selector.close();
    }
}
