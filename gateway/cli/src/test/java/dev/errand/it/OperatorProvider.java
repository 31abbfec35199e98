package dev.errand.it;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.errand.token.Sha256;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** An identity provider at which whoever comes is signed in as an operator. */
final class OperatorProvider implements AutoCloseable {
    private final TestKey key = TestKey.ed25519("operators-idp");
    private final HttpServer server;
    private final Map<String, Map<String, String>> codes = new ConcurrentHashMap<>();

    /** What was asked for at the page where people sign in. */
    final List<Map<String, String>> asked = new CopyOnWriteArrayList<>();

    /** The group of whoever comes. */
    volatile String group = "sre";

    /** What is answered in the place of a code, such as {@code error=access_denied}; empty for none. */
    volatile String instead = "";

    OperatorProvider() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 50);
        server.createContext(
                "/.well-known/openid-configuration", exchange -> send(exchange, 200, """
                {"issuer":"%1$s","authorization_endpoint":"%1$s/authorize","token_endpoint":"%1$s/token"}
                """.formatted(issuer())));
        server.createContext("/authorize", this::authorize);
        server.createContext("/token", this::token);
        server.start();
    }

    String issuer() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    String jwks() {
        return new TestHuman(issuer(), "ops:1", key).jwks();
    }

    private void authorize(HttpExchange exchange) throws IOException {
        Map<String, String> query = parameters(exchange.getRequestURI().getRawQuery());
        asked.add(query);
        String code = UUID.randomUUID().toString();
        codes.put(code, query);
        exchange.getResponseHeaders()
                .set(
                        "Location",
                        query.get("redirect_uri") + "?" + (instead.isEmpty() ? "code=" + code : instead) + "&state="
                                + query.get("state"));
        exchange.sendResponseHeaders(302, -1);
        exchange.close();
    }

    private void token(HttpExchange exchange) throws IOException {
        Map<String, String> form =
                parameters(new String(exchange.getRequestBody().readNBytes(64 * 1024), StandardCharsets.UTF_8));
        Map<String, String> query = codes.remove(String.valueOf(form.get("code")));
        if (query == null
                || !query.get("redirect_uri").equals(form.get("redirect_uri"))
                || !Sha256.base64UrlOf(String.valueOf(form.get("code_verifier")))
                        .equals(query.get("code_challenge"))) {
            send(exchange, 400, "{\"error\":\"invalid_grant\"}");
            return;
        }
        long now = Instant.now().getEpochSecond();
        String token = new TestHuman(issuer(), "ops:1", key)
                .sign("{\"iss\":\"" + issuer() + "\",\"sub\":\"ops:1\",\"aud\":\""
                        + query.getOrDefault("resource", "errand-operators") + "\",\"iat\":" + now + ",\"exp\":"
                        + (now + 600) + ",\"groups\":[\"" + group + "\"]}");
        send(exchange, 200, "{\"access_token\":\"" + token + "\",\"token_type\":\"Bearer\",\"expires_in\":600}");
    }

    private static void send(HttpExchange exchange, int status, String json) throws IOException {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private static Map<String, String> parameters(String query) {
        Map<String, String> parameters = new HashMap<>();
        for (String pair : query.split("&")) {
            int equals = pair.indexOf('=');
            parameters.put(
                    URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8),
                    URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
        }
        return parameters;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
