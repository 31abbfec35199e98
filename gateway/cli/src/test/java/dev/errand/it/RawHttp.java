package dev.errand.it;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** HTTP/1.1 byte by byte: for requests that no decent client would send. Blocks; one connection a request. */
final class RawHttp {
    private static final int TIMEOUT_MILLIS = 20_000;

    private RawHttp() {}

    /** An answer. */
    record Response(int status, List<Map.Entry<String, String>> headers, String body) {
        @Nullable String header(String name) {
            return headers.stream()
                    .filter(line -> line.getKey().equalsIgnoreCase(name))
                    .map(Map.Entry::getValue)
                    .findFirst()
                    .orElse(null);
        }
    }

    /**
     * Sends a request with exactly these field lines between the request line and the end.
     *
     * @param lines {@code Name: value}; {@code Host} and {@code Connection: close} are put before them unless named
     */
    static Response send(int port, String method, String target, List<String> lines, byte[] body) {
        List<String> head = new ArrayList<>();
        head.add(method + " " + target + " HTTP/1.1");
        if (lines.stream().noneMatch(line -> line.toLowerCase(Locale.ROOT).startsWith("host:"))) {
            head.add("Host: 127.0.0.1:" + port);
        }
        head.add("Connection: close");
        head.addAll(lines);
        if (body.length > 0) {
            head.add("Content-Length: " + body.length);
        }
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes((String.join("\r\n", head) + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
        request.writeBytes(body);
        return exchange(port, request.toByteArray());
    }

    static Response send(int port, String method, String target, List<String> lines) {
        return send(port, method, target, lines, new byte[0]);
    }

    static Response exchange(int port, byte[] request) {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            try {
                socket.getOutputStream().write(request);
                socket.getOutputStream().flush();
            } catch (IOException answeredBeforeTheEnd) {
                // The answer is what counts; it may come before all of an oversize request was read.
                return parse(socket.getInputStream());
            }
            return parse(socket.getInputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Response parse(InputStream in) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        try {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                all.write(buffer, 0, n);
                if (complete(all.toString(StandardCharsets.UTF_8))) {
                    break;
                }
            }
        } catch (java.net.SocketException reset) {
            if (all.size() == 0) {
                throw reset;
            }
        }
        String text = last(all.toString(StandardCharsets.UTF_8));
        int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
            throw new IOException("no whole answer: " + text);
        }
        String[] head = text.substring(0, end).split("\r\n");
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        for (int i = 1; i < head.length; i++) {
            int colon = head[i].indexOf(':');
            headers.add(Map.entry(
                    head[i].substring(0, colon), head[i].substring(colon + 1).strip()));
        }
        return new Response(Integer.parseInt(head[0].split(" ")[1]), headers, text.substring(end + 4));
    }

    /** Without a {@code 100 Continue} before the answer; where nothing came behind it, that is the answer. */
    private static String last(String text) {
        int end = text.indexOf("\r\n\r\n");
        return text.startsWith("HTTP/1.1 100 ") && end >= 0 && end + 4 < text.length() ? text.substring(end + 4) : text;
    }

    private static boolean complete(String text) {
        int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
            return false;
        }
        for (String line : text.substring(0, end).split("\r\n")) {
            if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                int length =
                        Integer.parseInt(line.substring(line.indexOf(':') + 1).strip());
                return text.substring(end + 4).getBytes(StandardCharsets.UTF_8).length >= length;
            }
        }
        return false;
    }
}
