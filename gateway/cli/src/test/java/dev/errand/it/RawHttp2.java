package dev.errand.it;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection, frame by frame: for what no decent client sends, and for how a stream ended. Blocks; not
 * thread-safe.
 */
final class RawHttp2 implements AutoCloseable {
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int WINDOW_UPDATE = 8;
    private static final int CONTINUATION = 9;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int ACK = 1;
    private static final int FRAME_BYTES = 16_384;

    /** What came of a stream so far. */
    static final class Stream {
        final int id;
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();

        @Nullable Http2Headers headers;

        /** The error code of its RST_STREAM, or null. */
        @Nullable Integer reset;

        /** Whether END_STREAM came: the answer is whole. */
        boolean whole;

        private Stream(int id) {
            this.id = id;
        }

        boolean isOver() {
            return whole || reset != null;
        }

        int status() {
            return headers == null ? 0 : Integer.parseInt(headers.status().toString());
        }

        String text() {
            return body.toString(StandardCharsets.UTF_8);
        }
    }

    private final Socket socket;
    private final DataInputStream in;
    private final boolean reads;
    private final DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder((name, value) -> true, true);
    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);
    private final ByteArrayOutputStream block = new ByteArrayOutputStream();
    private final Map<Integer, Stream> streams = new TreeMap<>();
    private int next = 1;
    private boolean goneAway;
    private boolean closed;

    private RawHttp2(Socket socket, boolean reads) throws IOException {
        this.socket = socket;
        this.reads = reads;
        this.in = new DataInputStream(socket.getInputStream());
        socket.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        frame(SETTINGS, 0, 0, new byte[0]);
    }

    /** Over TLS, agreed by ALPN. */
    static RawHttp2 open(SSLContext tls, int port) {
        return open(tls, port, true);
    }

    /** Over TLS; this client never opens a window again, so that what it is sent stops at 64 KiB. */
    static RawHttp2 stalled(SSLContext tls, int port) {
        return open(tls, port, false);
    }

    private static RawHttp2 open(SSLContext tls, int port, boolean reads) {
        try {
            SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket("127.0.0.1", port);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            if (!socket.getApplicationProtocol().equals("h2")) {
                throw new AssertionError("agreed on '" + socket.getApplicationProtocol() + "'");
            }
            return new RawHttp2(socket, reads);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Without TLS, by prior knowledge. */
    static RawHttp2 cleartext(int port) {
        return cleartext(port, true);
    }

    /** Without TLS; this client opens a window only by {@link #open(Stream, int)}. */
    static RawHttp2 unopened(int port) {
        return cleartext(port, false);
    }

    private static RawHttp2 cleartext(int port, boolean reads) {
        try {
            return new RawHttp2(new Socket("127.0.0.1", port), reads);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends a request's head; {@code more} are names and values in turn, which may be any, also pseudo-headers. */
    Stream send(String method, String path, boolean end, String... more) {
        return send(new DefaultHttp2Headers(false).authority("gateway.invalid"), method, path, end, more);
    }

    /** The same without {@code :authority}. */
    Stream sendWithoutAuthority(String method, String path, boolean end, String... more) {
        return send(new DefaultHttp2Headers(false), method, path, end, more);
    }

    private Stream send(Http2Headers headers, String method, String path, boolean end, String... more) {
        headers.method(method).scheme("https").path(path);
        return send(headers, end, more);
    }

    /** The same with these fields only, which may lack what a request must have. */
    Stream sendFields(boolean end, String... fields) {
        return send(new DefaultHttp2Headers(false), end, fields);
    }

    private Stream send(Http2Headers headers, boolean end, String... more) {
        for (int i = 0; i < more.length; i += 2) {
            headers.add(more[i], more[i + 1]);
        }
        Stream stream = new Stream(next);
        streams.put(stream.id, stream);
        next += 2;
        ByteBuf encoded = Unpooled.buffer();
        try {
            encoder.encodeHeaders(stream.id, headers, encoded);
        } catch (Http2Exception e) {
            throw new AssertionError(e);
        }
        int type = HEADERS;
        do {
            byte[] part = ByteBufUtil.getBytes(encoded.readSlice(Math.min(FRAME_BYTES, encoded.readableBytes())));
            int flags = (type == HEADERS && end ? END_STREAM : 0) | (encoded.isReadable() ? 0 : END_HEADERS);
            frame(type, flags, stream.id, part);
            type = CONTINUATION;
        } while (encoded.isReadable());
        return stream;
    }

    /** Begins a header block of a new stream that has to go on. */
    void sendUnended(String method, String path) {
        Http2Headers headers = new DefaultHttp2Headers(false);
        headers.method(method).scheme("https").authority("gateway.invalid").path(path);
        frame(HEADERS, END_STREAM, next, encoded(headers));
    }

    /** Goes on with the header block, and does not end it. */
    void continuation(String name, String value) {
        frame(CONTINUATION, 0, next, encoded(new DefaultHttp2Headers(false).add(name, value)));
    }

    private byte[] encoded(Http2Headers headers) {
        ByteBuf bytes = Unpooled.buffer();
        try {
            encoder.encodeHeaders(next, headers, bytes);
        } catch (Http2Exception e) {
            throw new AssertionError(e);
        }
        return ByteBufUtil.getBytes(bytes);
    }

    void data(Stream stream, String body, boolean end) {
        frame(DATA, end ? END_STREAM : 0, stream.id, body.getBytes(StandardCharsets.UTF_8));
    }

    /** Ends a request by trailers: names and values in turn. */
    void trailers(Stream stream, String... fields) {
        Http2Headers headers = new DefaultHttp2Headers(false);
        for (int i = 0; i < fields.length; i += 2) {
            headers.add(fields[i], fields[i + 1]);
        }
        ByteBuf encoded = Unpooled.buffer();
        try {
            encoder.encodeHeaders(stream.id, headers, encoded);
        } catch (Http2Exception e) {
            throw new AssertionError(e);
        }
        frame(HEADERS, END_STREAM | END_HEADERS, stream.id, ByteBufUtil.getBytes(encoded));
    }

    /** Sets the window with which each stream begins. */
    void initialWindow(int bytes) {
        frame(
                SETTINGS,
                0,
                0,
                ByteBuffer.allocate(6).putShort((short) 4).putInt(bytes).array());
    }

    /** Opens the stream's window by so many bytes, and the connection's too. */
    void open(Stream stream, int bytes) {
        byte[] increment = ByteBuffer.allocate(4).putInt(bytes).array();
        frame(WINDOW_UPDATE, 0, 0, increment);
        frame(WINDOW_UPDATE, 0, stream.id, increment);
    }

    /** Gives the stream up: RST_STREAM with CANCEL. */
    void reset(Stream stream) {
        frame(RST_STREAM, 0, stream.id, ByteBuffer.allocate(4).putInt(8).array());
    }

    private void frame(int type, int flags, int stream, byte[] payload) {
        byte[] frame = ByteBuffer.allocate(9 + payload.length)
                .putInt(payload.length << 8 | type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
        try {
            socket.getOutputStream().write(frame);
            socket.getOutputStream().flush();
        } catch (SocketException gone) {
            closed = true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads frames until that holds, the connection ends or the time is over; whether it holds. */
    boolean await(Duration time, BooleanSupplier holds) {
        long until = System.nanoTime() + time.toNanos();
        while (!holds.getAsBoolean() && !closed) {
            long left = (until - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                break;
            }
            // Not longer, as what is awaited may do something itself.
            read((int) Math.min(left, 100));
        }
        return holds.getAsBoolean();
    }

    /** The same for the end of a stream, which is to come within twenty seconds. */
    Stream end(Stream stream) {
        if (!await(Duration.ofSeconds(20), stream::isOver)) {
            throw new AssertionError("stream " + stream.id + " did not end; closed: " + closed);
        }
        return stream;
    }

    boolean goneAway() {
        return goneAway;
    }

    boolean closed() {
        return closed;
    }

    private boolean read(int millis) {
        try {
            socket.setSoTimeout(Math.max(1, millis));
            int head = in.read();
            if (head < 0) {
                closed = true;
                return false;
            }
            socket.setSoTimeout(20_000);
            int length = head << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            int stream = in.readInt() & Integer.MAX_VALUE;
            byte[] payload = new byte[length];
            in.readFully(payload);
            take(type, flags, stream, payload);
            return true;
        } catch (SocketTimeoutException over) {
            return false;
        } catch (SocketException | EOFException gone) {
            closed = true;
            return false;
        } catch (IOException | Http2Exception e) {
            throw new AssertionError(e);
        }
    }

    private void take(int type, int flags, int id, byte[] payload) throws Http2Exception {
        Stream stream = streams.getOrDefault(id, new Stream(id));
        switch (type) {
            case DATA -> {
                stream.body.writeBytes(payload);
                stream.whole |= (flags & END_STREAM) != 0;
                if (reads && payload.length > 0) {
                    open(stream, payload.length);
                }
            }
            case HEADERS, CONTINUATION -> {
                block.writeBytes(payload);
                if ((flags & END_HEADERS) != 0) {
                    stream.headers = decoder.decodeHeaders(id, Unpooled.wrappedBuffer(block.toByteArray()));
                    block.reset();
                }
                stream.whole |= type == HEADERS && (flags & END_STREAM) != 0;
            }
            case RST_STREAM -> stream.reset = ByteBuffer.wrap(payload).getInt();
            case SETTINGS -> {
                if ((flags & ACK) == 0) {
                    frame(SETTINGS, ACK, 0, new byte[0]);
                }
            }
            case PING -> {
                if ((flags & ACK) == 0) {
                    frame(PING, ACK, 0, payload);
                }
            }
            case GOAWAY -> goneAway = true;
            default -> {}
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
