package dev.errand.it;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A key-value engine of version 2 at {@code secret/}, as Vault's clients know it: versions, list, delete. Thread-safe. */
final class VaultStandIn implements AutoCloseable {
    private static final String DATA = "/v1/secret/data/";
    private static final String METADATA = "/v1/secret/metadata/";

    private final HttpServer server;
    private final Map<String, List<JsonObject>> secrets = new TreeMap<>();

    VaultStandIn() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::handle);
        server.start();
    }

    String uri() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private synchronized void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        byte[] body = exchange.getRequestBody().readAllBytes();
        String method = exchange.getRequestMethod();
        if (path.startsWith(DATA)) {
            data(exchange, method, path.substring(DATA.length()), body);
        } else if (path.startsWith(METADATA) && method.equals("LIST")) {
            String below = path.substring(METADATA.length()) + '/';
            String keys = secrets.keySet().stream()
                    .filter(name -> name.startsWith(below))
                    .map(name -> '"' + name.substring(below.length()) + '"')
                    .collect(Collectors.joining(","));
            answer(exchange, 200, "{\"data\":{\"keys\":[" + keys + "]}}");
        } else {
            answer(exchange, 404, "{\"errors\":[]}");
        }
    }

    private void data(HttpExchange exchange, String method, String name, byte[] body) throws IOException {
        List<JsonObject> versions = secrets.computeIfAbsent(name, none -> new ArrayList<>());
        String query = exchange.getRequestURI().getQuery();
        if (method.equals("POST") || method.equals("PUT")) {
            versions.add(
                    TestAgent.json(new String(body, StandardCharsets.UTF_8)).object("data"));
            answer(exchange, 200, "{\"data\":" + metadata(versions.size()) + "}");
        } else if (method.equals("DELETE")) {
            versions.clear();
            answer(exchange, 204, "");
        } else if (versions.isEmpty()) {
            answer(exchange, 404, "{\"errors\":[]}");
        } else {
            boolean asked = query != null && query.startsWith("version=") && !query.equals("version=0");
            int version = asked ? Integer.parseInt(query.substring(8)) : versions.size();
            answer(
                    exchange,
                    200,
                    "{\"data\":{\"data\":" + Jcs.canonical(versions.get(version - 1)) + ",\"metadata\":"
                            + metadata(version) + "}}");
        }
    }

    private static String metadata(int version) {
        return "{\"version\":" + version + ",\"deletion_time\":\"\",\"destroyed\":false}";
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
