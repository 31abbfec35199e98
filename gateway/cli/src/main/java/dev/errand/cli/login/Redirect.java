package dev.errand.cli.login;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The loopback address that a browser is sent back to (RFC 8252 section 7.3). It accepts one answer, which must have the login's
 * {@code state}; other requests change nothing. Thread-safe; closing it ends it.
 */
final class Redirect implements AutoCloseable {
    private static final String PATH = "/callback";
    private static final int MAX_QUERY = 16 * 1024;

    private final HttpServer server;
    private final String state;
    private final CompletableFuture<Map<String, String>> answer = new CompletableFuture<>();

    private Redirect(HttpServer server, String state) {
        this.server = server;
        this.state = state;
    }

    /** @param port 0 for any free port */
    static Redirect listen(int port, String state) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), 4);
        Redirect redirect = new Redirect(server, state);
        server.createContext("/", redirect::take);
        server.start();
        return redirect;
    }

    /** The {@code redirect_uri}. */
    String uri() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + PATH;
    }

    /** The parameters that the browser brought, or null if none came within the time. */
    @Nullable Map<String, String> await(Duration longest) throws InterruptedException {
        try {
            return answer.get(longest.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return null;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            Map<String, String> parameters = parameters(exchange.getRequestURI().getRawQuery());
            byte[] given = parameters.getOrDefault("state", "").getBytes(StandardCharsets.UTF_8);
            boolean ours = exchange.getRequestMethod().equals("GET")
                    && exchange.getRequestURI().getPath().equals(PATH)
                    && MessageDigest.isEqual(given, state.getBytes(StandardCharsets.UTF_8));
            String text = !ours
                    ? "This is no answer to the login that waits here.\n"
                    : parameters.containsKey("code")
                            ? "You are logged in. Close this window, and return to the terminal.\n"
                            : "The login was refused. Close this window; the terminal says why.\n";
            byte[] body = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
            exchange.getResponseHeaders().set("Cache-Control", "no-store");
            exchange.sendResponseHeaders(ours ? 200 : 400, body.length);
            exchange.getResponseBody().write(body);
            if (ours) {
                answer.complete(parameters);
            }
        }
    }

    private static Map<String, String> parameters(@Nullable String query) {
        Map<String, String> parameters = new HashMap<>();
        if (query == null || query.length() > MAX_QUERY) {
            return parameters;
        }
        for (String pair : query.split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                parameters.putIfAbsent(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
            }
        }
        return parameters;
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    @Override
    public void close() {
        server.stop(1);
    }
}
