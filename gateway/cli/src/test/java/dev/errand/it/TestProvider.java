package dev.errand.it;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.errand.token.Sha256;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/**
 * An identity provider whose human is signed in already: it sends every browser back at once. It holds the client to its redirect,
 * its secret and its proof key. What its tokens say, a test writes into the fields.
 */
final class TestProvider implements AutoCloseable {
    static final String SECRET = "of this/test+alone";

    final TestKey key = TestKey.ed25519("idp-1");
    final List<Map<String, String>> asked = new CopyOnWriteArrayList<>();
    volatile String subject = "alice";
    volatile String group = "approvers";
    volatile String audience = Approver.AUDIENCE;
    volatile String more = "";
    volatile long signedInSecondsAgo;
    /** What the authorization endpoint answers in the place of a code, such as {@code error=access_denied}; empty for none. */
    volatile String instead = "";

    private final HttpServer server;
    private final String redirect;
    private final Map<String, Map<String, String>> codes = new ConcurrentHashMap<>();

    /** @param redirect the one of the client */
    TestProvider(String redirect) throws IOException {
        this.redirect = redirect;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 50);
        server.setExecutor(Executors.newFixedThreadPool(4, task -> {
            Thread thread = new Thread(task, "test-provider");
            thread.setDaemon(true);
            return thread;
        }));
        server.createContext(
                "/.well-known/openid-configuration", exchange -> send(exchange, 200, """
                {"issuer":"%1$s","authorization_endpoint":"%1$s/authorize","token_endpoint":"%1$s/token","jwks_uri":"%1$s/jwks",
                 "authorization_response_iss_parameter_supported":true}
                """.formatted(issuer())));
        server.createContext("/authorize", this::authorize);
        server.createContext("/token", this::token);
        server.createContext("/chat", exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "text/html");
            byte[] page = ("<a href=\"" + exchange.getRequestURI().getQuery() + "\">please approve</a>")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        server.start();
    }

    String issuer() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    TestHuman human() {
        return new TestHuman(issuer(), subject, key);
    }

    /** A page of another site, with a link. */
    String chat(String link) {
        return issuer() + "/chat?" + link;
    }

    private void authorize(HttpExchange exchange) throws IOException {
        Map<String, String> query = parameters(exchange.getRequestURI().getRawQuery());
        asked.add(query);
        if (!redirect.equals(query.get("redirect_uri"))) {
            send(exchange, 400, "{\"error\":\"another redirect\"}");
            return;
        }
        String code = UUID.randomUUID().toString();
        codes.put(code, query);
        String answer = instead.isEmpty() ? "code=" + code : instead;
        exchange.getResponseHeaders()
                .set(
                        "Location",
                        redirect + "?" + answer + "&state=" + encode(query.get("state")) + "&iss=" + encode(issuer()));
        exchange.sendResponseHeaders(302, -1);
        exchange.close();
    }

    private void token(HttpExchange exchange) throws IOException {
        Map<String, String> form =
                parameters(new String(exchange.getRequestBody().readNBytes(64 * 1024), StandardCharsets.UTF_8));
        Map<String, String> query = codes.remove(String.valueOf(form.get("code")));
        String basic = "Basic "
                + Base64.getEncoder()
                        .encodeToString(
                                (encode(Approver.CLIENT) + ":" + encode(SECRET)).getBytes(StandardCharsets.UTF_8));
        boolean good = query != null
                && basic.equals(exchange.getRequestHeaders().getFirst("Authorization"))
                && "authorization_code".equals(form.get("grant_type"))
                && redirect.equals(form.get("redirect_uri"))
                && Sha256.base64UrlOf(String.valueOf(form.get("code_verifier"))).equals(query.get("code_challenge"));
        if (!good) {
            send(exchange, 400, "{\"error\":\"invalid_grant\"}");
            return;
        }
        long now = Instant.now().getEpochSecond();
        String token = human().sign("{\"iss\":\"" + issuer() + "\",\"sub\":\"" + subject + "\",\"aud\":\"" + audience
                + "\",\"azp\":\"" + Approver.CLIENT + "\",\"iat\":" + now + ",\"exp\":" + (now + 600)
                + ",\"auth_time\":" + (now - signedInSecondsAgo) + ",\"jti\":\"" + UUID.randomUUID()
                + "\",\"groups\":[\"" + group + "\"]" + more + "}");
        send(exchange, 200, "{\"access_token\":\"" + token + "\",\"token_type\":\"Bearer\",\"expires_in\":600}");
    }

    private static void send(HttpExchange exchange, int status, String json) throws IOException {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    static Map<String, String> parameters(String query) {
        Map<String, String> parameters = new HashMap<>();
        for (String pair : String.valueOf(query).split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                parameters.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
            }
        }
        return parameters;
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
