package dev.errand.load;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * A connection of HTTP/1.1 to one replica that is kept while both sides keep it, as a careful client does: one that the server
 * has closed is opened anew before a request is written, and {@code Connection: close} is heeded. Nothing is repeated. For one
 * thread.
 */
final class KeptConnection implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 90_000;

    private final int port;
    private Socket socket;
    private InputStream in;

    KeptConnection(int port) {
        this.port = port;
    }

    /** An answer that came whole. */
    record Reply(int status, String body) {}

    /** No connection could be opened, so nothing was sent. */
    static final class NotConnectedException extends IOException {
        private static final long serialVersionUID = 1L;

        NotConnectedException(IOException cause) {
            super(cause);
        }
    }

    /** What is done with the pieces of an answer's body as they come; false ends the reading. */
    @FunctionalInterface
    interface Pieces {
        boolean take(int bytes);
    }

    Reply send(String head, String body) throws IOException {
        return send(head, body, piece -> true);
    }

    /**
     * Sends a request, and reads its answer.
     *
     * @param head request line and fields, each with its line end, without Host
     */
    Reply send(String head, String body, Pieces pieces) throws IOException {
        open();
        boolean whole = false;
        try {
            socket.getOutputStream()
                    .write((head + "Host: 127.0.0.1:" + port + "\r\n\r\n" + body)
                            .getBytes(StandardCharsets.ISO_8859_1));
            Reply reply = read(pieces);
            whole = true;
            return reply;
        } finally {
            if (!whole) {
                close();
            }
        }
    }

    private void open() throws NotConnectedException {
        if (socket != null && isClosedByServer()) {
            close();
        }
        if (socket == null) {
            try {
                socket = new Socket();
                socket.setTcpNoDelay(true);
                socket.connect(new InetSocketAddress("127.0.0.1", port), 5_000);
                socket.setSoTimeout(TIMEOUT_MILLIS);
                in = new BufferedInputStream(socket.getInputStream());
            } catch (IOException e) {
                close();
                throw new NotConnectedException(e);
            }
        }
    }

    private boolean isClosedByServer() {
        try {
            socket.setSoTimeout(1);
            in.mark(1);
            boolean closed = in.read() >= -1;
            in.reset();
            return closed;
        } catch (SocketTimeoutException open) {
            return false;
        } catch (IOException broken) {
            return true;
        } finally {
            try {
                socket.setSoTimeout(TIMEOUT_MILLIS);
            } catch (IOException broken) {
                // The next read says so.
            }
        }
    }

    private Reply read(Pieces pieces) throws IOException {
        int status = Integer.parseInt(line().split(" ")[1]);
        long length = -1;
        boolean chunked = false;
        boolean last = false;
        for (String field = line(); !field.isEmpty(); field = line()) {
            String lower = field.toLowerCase(Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                length = Long.parseLong(lower.substring(15).strip());
            }
            chunked |= lower.startsWith("transfer-encoding:") && lower.contains("chunked");
            last |= lower.startsWith("connection:") && lower.contains("close");
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        if (chunked) {
            for (int size = chunk(); size > 0; size = chunk()) {
                body.writeBytes(bytes(size));
                line();
                if (!pieces.take(size)) {
                    close();
                    return new Reply(status, "");
                }
            }
            line();
        } else if (length > 0) {
            body.writeBytes(bytes((int) length));
        }
        if (last) {
            close();
        }
        return new Reply(status, body.toString(StandardCharsets.UTF_8));
    }

    private int chunk() throws IOException {
        return Integer.parseInt(line().split(";")[0].strip(), 16);
    }

    private byte[] bytes(int count) throws IOException {
        byte[] read = in.readNBytes(count);
        if (read.length < count) {
            throw new IOException("the connection ended within the answer");
        }
        return read;
    }

    private String line() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new IOException("the connection ended before the answer did");
            }
            if (c != '\r') {
                text.append((char) c);
            }
        }
        return text.toString();
    }

    @Override
    public void close() {
        Socket open = socket;
        socket = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                // It is gone.
            }
        }
    }
}
