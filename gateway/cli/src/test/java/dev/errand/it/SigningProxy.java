package dev.errand.it;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Stands between an unmodified client and the gateway: puts the headers of a holder on each request and passes all bytes
 * both ways, an upgrade's too. One request a connection. Thread-safe.
 */
final class SigningProxy implements AutoCloseable {
    private static final int HEAD_BYTES = 65_536;
    private static final int TLS_HANDSHAKE = 0x16;
    /** Credentials of the client's own, which end here. */
    private static final Set<String> CREDENTIALS =
            Set.of("authorization", "x-amz-date", "x-amz-security-token", "connection", "host");

    private final ServerSocket listener;
    private final RunningGateway gateway;
    private final TestAgent agent;
    private final String prefix;
    private final Set<String> headers = ConcurrentHashMap.newKeySet();

    /** @param prefix put before a path that does not begin with it: for clients that cannot hold one; else empty */
    SigningProxy(FrontedServer fronted, String prefix) {
        this.gateway = fronted.gateway();
        this.agent = fronted.agent();
        this.prefix = prefix;
        try {
            listener = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        daemon(this::accept);
    }

    String address() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    /**
     * What a program came to that calls the gateway through this proxy.
     *
     * @param environment of the program, besides the test's own
     */
    ServerProcess.Outcome run(Map<String, String> environment, String... command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        return ServerProcess.end(builder, "");
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "signing-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                daemon(() -> serve(client));
            } catch (IOException closed) {
                // The test is over.
            }
        }
    }

    private void serve(Socket client) {
        try (client;
                Socket server = new Socket(InetAddress.getLoopbackAddress(), gateway.port())) {
            String head = head(client.getInputStream());
            if (head.isEmpty()) {
                return;
            }
            server.getOutputStream().write(signed(head).getBytes(StandardCharsets.ISO_8859_1));
            daemon(() -> pass(client, server));
            client.getOutputStream().flush();
            copy(server.getInputStream(), client.getOutputStream());
        } catch (IOException broken) {
            // Whoever is left sees its connection end.
        }
    }

    /** Up to the empty line, which it ends with; empty where the client said nothing. */
    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int ending = 0;
        while (ending < 4) {
            int next = in.read();
            // Some clients try TLS first: they are to see at once that it is not spoken here.
            boolean tls = head.size() == 0 && next == TLS_HANDSHAKE;
            if (next < 0 || tls || head.size() > HEAD_BYTES) {
                return "";
            }
            head.write(next);
            ending = next == (ending % 2 == 0 ? '\r' : '\n') ? ending + 1 : next == '\r' ? 1 : 0;
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    /** The names, in lower case, of all headers that the clients sent. */
    Set<String> headers() {
        return headers;
    }

    private String signed(String head) {
        List<String> lines = new ArrayList<>(List.of(head.strip().split("\r\n")));
        String[] first = lines.remove(0).split(" ");
        lines.forEach(line ->
                headers.add(line.substring(0, Math.max(0, line.indexOf(':'))).toLowerCase(Locale.ROOT)));
        boolean upgrade =
                lines.stream().anyMatch(line -> line.toLowerCase(Locale.ROOT).startsWith("upgrade:"));
        lines.removeIf(line -> CREDENTIALS.contains(
                line.substring(0, Math.max(0, line.indexOf(':'))).toLowerCase(Locale.ROOT)));
        first[1] = first[1].startsWith(prefix + '/') ? first[1] : prefix + first[1];
        String path = first[1].contains("?") ? first[1].substring(0, first[1].indexOf('?')) : first[1];
        StringBuilder signed = new StringBuilder(String.join(" ", first)).append("\r\n");
        lines.forEach(line -> signed.append(line).append("\r\n"));
        return signed.append("Host: 127.0.0.1\r\nConnection: ")
                .append(upgrade ? "Upgrade" : "close")
                .append("\r\nAuthorization: DPoP ")
                .append(agent.token())
                .append("\r\nDPoP: ")
                .append(agent.dpop(first[0], path))
                .append("\r\n\r\n")
                .toString();
    }

    private static void pass(Socket from, Socket to) {
        try {
            copy(from.getInputStream(), to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException broken) {
            // The other way ends with it.
        }
    }

    private static void copy(InputStream in, OutputStream out) throws IOException {
        byte[] buffer = new byte[16_384];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            out.write(buffer, 0, n);
            out.flush();
        }
    }

    /** Fails if a header of a client was on no list: what unmodified clients send passes or is known to be harmless. */
    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ClientHeaders.areListed(gateway);
    }
}
