package dev.errand.agent.listen;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;

/** A gateway whose bytes a test writes itself. Each request is served by the script, with its number from 0. */
public final class ScriptedGateway implements AutoCloseable {
    /** A request, and the socket that its answer goes to. */
    public record Arrived(int number, String head, byte[] body, Socket socket) {
        public String header(String name) {
            return head.lines()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":"))
                    .map(line -> line.substring(name.length() + 1).strip())
                    .findFirst()
                    .orElse("");
        }

        public void write(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
        }

        /** An answer with these header lines, each ended by CR LF. */
        public void answer(int status, String headers, String body) throws IOException {
            write("HTTP/1.1 " + status + " Said\r\nContent-Length: " + body.length() + "\r\n" + headers + "\r\n"
                    + body);
        }

        void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }
    }

    public interface Script {
        void serve(Arrived request) throws Exception;
    }

    private final ServerSocket listener;
    private final Script script;
    private final List<Arrived> arrived = new CopyOnWriteArrayList<>();

    public ScriptedGateway(Script script) throws IOException {
        this.script = script;
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        daemon(this::accept);
    }

    static void daemon(Runnable task) {
        Thread thread = new Thread(task, "scripted-gateway");
        thread.setDaemon(true);
        thread.start();
    }

    public String url() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    public List<Arrived> arrived() {
        return arrived;
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                daemon(() -> serve(socket));
            } catch (IOException closed) {
                // The test is over.
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = socket.getInputStream();
            for (String head = head(in); !head.isEmpty(); head = head(in)) {
                Arrived request = new Arrived(arrived.size(), head, new byte[0], socket);
                int length = request.header("Content-Length").isEmpty()
                        ? 0
                        : Integer.parseInt(request.header("Content-Length"));
                boolean waits = !request.header("Expect").isEmpty();
                Arrived whole = waits ? request : new Arrived(request.number(), head, in.readNBytes(length), socket);
                arrived.add(whole);
                script.serve(whole);
            }
        } catch (Exception broken) {
            // Whoever is left sees its connection end.
        }
    }

    static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        for (int next = in.read(); next >= 0; next = in.read()) {
            head.write(next);
            String text = head.toString(StandardCharsets.ISO_8859_1);
            if (next == '\n' && text.endsWith("\r\n\r\n")) {
                return text;
            }
        }
        return "";
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
