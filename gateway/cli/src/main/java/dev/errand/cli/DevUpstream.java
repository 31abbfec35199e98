package dev.errand.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.CompactJws;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The small ticket API of a first run, on loopback. It answers requests with its token, and says on whose behalf it was
 * called. It does not verify the transaction token, as a real upstream must. Thread-safe; closing it ends it.
 */
final class DevUpstream implements AutoCloseable {
    private static final int THREADS = 4;
    private static final int MAX_BODY_BYTES = 64 * 1024;

    /** Read once by the JDK's server. Without it an answer's body waits for the acknowledgement of its head, 40 ms per call. */
    private static final String NO_DELAY = "sun.net.httpserver.nodelay";

    private static final Pattern TICKET = Pattern.compile("/v1/tickets/([0-9]{1,10})(/comments)?");

    private final HttpServer server;
    private final ExecutorService threads;
    private final byte[] expected;

    private DevUpstream(HttpServer server, ExecutorService threads, byte[] expected) {
        this.server = server;
        this.threads = threads;
        this.expected = expected;
    }

    /**
     * Starts it.
     *
     * @param address {@code http}, on loopback, with a port
     * @param directory the configuration directory, whose {@code dev/upstream-token} it wants to see
     */
    public static DevUpstream start(URI address, Path directory) throws IOException {
        byte[] token = ("Bearer "
                        + Files.readString(directory.resolve("dev/upstream-token"))
                                .strip())
                .getBytes(StandardCharsets.UTF_8);
        if (System.getProperty(NO_DELAY) == null) {
            System.setProperty(NO_DELAY, "true");
        }
        HttpServer server = HttpServer.create(new InetSocketAddress(address.getHost(), address.getPort()), 16);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS, task -> {
            Thread thread = new Thread(task, "errand-dev-upstream");
            thread.setDaemon(true);
            return thread;
        });
        DevUpstream upstream = new DevUpstream(server, threads, token);
        server.setExecutor(threads);
        server.createContext("/", upstream::answer);
        server.start();
        return upstream;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readNBytes(MAX_BODY_BYTES);
            String shown = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
            Matcher ticket = TICKET.matcher(exchange.getRequestURI().getRawPath());
            boolean comments = ticket.matches() && ticket.group(2) != null;
            String method = comments ? "POST" : "GET";
            if (!MessageDigest.isEqual(expected, shown.getBytes(StandardCharsets.UTF_8))) {
                send(exchange, 401, Map.of("error", new JsonString("the API's own token is required")));
            } else if (!ticket.matches()) {
                send(exchange, 404, Map.of("error", new JsonString("there is no such thing here")));
            } else if (!method.equals(exchange.getRequestMethod())) {
                send(exchange, 405, Map.of("error", new JsonString("only " + method + " is possible here")));
            } else {
                Map<String, JsonValue> body = new LinkedHashMap<>();
                body.put("ticket", new JsonString(ticket.group(1)));
                body.put(comments ? "commented" : "title", new JsonString(comments ? "yes" : "The printer is on fire"));
                body.put("on_behalf_of", new JsonObject(caller(exchange)));
                send(exchange, comments ? 201 : 200, body);
            }
        }
    }

    /** What the gateway's transaction token says of the call. */
    private static Map<String, JsonValue> caller(HttpExchange exchange) {
        Map<String, JsonValue> caller = new LinkedHashMap<>();
        JsonObject claims = claims(exchange.getRequestHeaders().getFirst("Txn-Token"));
        JsonObject actor = claims.object("act");
        JsonObject context = claims.object("tctx");
        put(caller, "human", claims.string("sub"));
        put(caller, "agent", actor == null ? null : actor.string("sub"));
        put(caller, "task", context == null ? null : context.string("task"));
        put(caller, "operation", context == null ? null : context.string("op"));
        return caller;
    }

    private static void put(Map<String, JsonValue> caller, String name, @Nullable String value) {
        if (value != null) {
            caller.put(name, new JsonString(value));
        }
    }

    private static JsonObject claims(@Nullable String token) {
        try {
            return token == null
                    ? JsonObject.EMPTY
                    : Json.parseObject(CompactJws.parse(token)
                            .flatMap(CompactJws::payload)
                            .orElse("{}".getBytes(StandardCharsets.UTF_8)));
        } catch (MalformedJsonException e) {
            return JsonObject.EMPTY;
        }
    }

    private static void send(HttpExchange exchange, int status, Map<String, JsonValue> body) throws IOException {
        byte[] bytes = (Jcs.canonical(new JsonObject(body)) + "\n").getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().put("Content-Type", List.of("application/json"));
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
