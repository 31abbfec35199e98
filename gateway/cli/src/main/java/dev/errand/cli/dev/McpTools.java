package dev.errand.cli.dev;

import dev.errand.holder.AgentException;
import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Asks an MCP server for its tools, by streamable HTTP (protocol of 2025-06-18): {@code initialize}, {@code tools/list} to its last page,
 * and the end of the session. At most {@value #MOST_PAGES} pages of 4 MiB, and 10 seconds a request. An {@link AgentException} says what
 * the server did not answer. For one thread.
 */
final class McpTools {
    private static final int MOST_PAGES = 100;
    private static final int MAX_BYTES = 4 << 20;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Pattern EVENT = Pattern.compile("\\r?\\n\\r?\\n");

    private final URI server;
    private final @Nullable String token;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();
    private @Nullable String session;
    private @Nullable String version;

    /** @param token the bearer token that the server wants, or null */
    McpTools(URI server, @Nullable String token) {
        this.server = server;
        this.token = token;
    }

    /** All tools, as the server describes them. */
    List<JsonObject> list() {
        JsonObject begun = ask(
                1,
                "initialize",
                Map.of(
                        "protocolVersion", new JsonString("2025-06-18"),
                        "capabilities", JsonObject.EMPTY,
                        "clientInfo",
                                new JsonObject(
                                        Map.of("name", new JsonString("errand"), "version", new JsonString("1")))));
        version = begun.string("protocolVersion");
        try {
            send(message("notifications/initialized", null, Map.of()));
            List<JsonObject> tools = new ArrayList<>();
            String cursor = null;
            for (int page = 2; page < MOST_PAGES + 2; page++) {
                JsonObject answer =
                        ask(page, "tools/list", cursor == null ? Map.of() : Map.of("cursor", new JsonString(cursor)));
                if (answer.get("tools") instanceof JsonArray listed) {
                    listed.values().stream()
                            .filter(JsonObject.class::isInstance)
                            .map(JsonObject.class::cast)
                            .forEach(tools::add);
                }
                cursor = answer.string("nextCursor");
                if (cursor == null) {
                    return tools;
                }
            }
            throw new AgentException(server + ": its list of tools has more than " + MOST_PAGES + " pages");
        } finally {
            if (session != null) {
                exchange(request().DELETE().build());
            }
        }
    }

    private JsonObject ask(long id, String method, Map<String, JsonValue> params) {
        HttpResponse<InputStream> answer = send(message(method, JsonNumber.of(id), params));
        if (session == null) {
            session = answer.headers().firstValue("Mcp-Session-Id").orElse(null);
        }
        String body = read(answer);
        if (answer.statusCode() != 200) {
            throw new AgentException(server + ": " + method + " was answered " + answer.statusCode()
                    + (answer.statusCode() == 401
                            ? "; --mcp-token names the file of the token that the server wants"
                            : ""));
        }
        for (String event : EVENT.split(body)) {
            JsonObject result = result(event, id);
            if (result != null) {
                return result;
            }
        }
        throw new AgentException(server + ": " + method
                + " was answered without a result: is it an MCP server that speaks" + " streamable HTTP?");
    }

    /** The result in a body, or in one event of a stream; null if it has none for this request. */
    private static @Nullable JsonObject result(String text, long id) {
        String json = text.lines()
                .filter(line -> line.startsWith("data:"))
                .map(line -> line.substring(5))
                .reduce("", (all, line) -> all + line + "\n");
        try {
            JsonObject message = Json.parseObject((json.isEmpty() ? text : json).getBytes(StandardCharsets.UTF_8));
            return JsonNumber.of(id).equals(message.get("id")) ? message.object("result") : null;
        } catch (MalformedJsonException e) {
            return null;
        }
    }

    private static JsonObject message(String method, @Nullable JsonValue id, Map<String, JsonValue> params) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("jsonrpc", new JsonString("2.0"));
        if (id != null) {
            members.put("id", id);
        }
        members.put("method", new JsonString(method));
        members.put("params", new JsonObject(params));
        return new JsonObject(members);
    }

    private HttpResponse<InputStream> send(JsonObject message) {
        return exchange(request()
                .header("Content-Type", "application/json")
                .header("Accept", "application/json, text/event-stream")
                .POST(BodyPublishers.ofString(Jcs.canonical(message)))
                .build());
    }

    private HttpRequest.Builder request() {
        HttpRequest.Builder request = HttpRequest.newBuilder(server).timeout(TIMEOUT);
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        if (session != null) {
            request.header("Mcp-Session-Id", session);
        }
        return version == null ? request : request.header("MCP-Protocol-Version", version);
    }

    private HttpResponse<InputStream> exchange(HttpRequest request) {
        try {
            return http.send(request, BodyHandlers.ofInputStream());
        } catch (IOException e) {
            throw new AgentException(
                    server + ": cannot be reached (" + e.getClass().getSimpleName() + ")");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AgentException("interrupted");
        }
    }

    /** A stream may stay open after the result, so it is read up to the end of the event that has one. */
    private String read(HttpResponse<InputStream> answer) {
        boolean stream = answer.headers().firstValue("Content-Type").orElse("").startsWith("text/event-stream");
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try (InputStream in = answer.body()) {
            CompletableFuture.delayedExecutor(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                    .execute(() -> close(in));
            byte[] buffer = new byte[8192];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                body.write(buffer, 0, read);
                if (body.size() > MAX_BYTES) {
                    throw new AgentException(server + ": an answer has more than " + MAX_BYTES + " bytes");
                }
                if (stream && body.toString(StandardCharsets.UTF_8).matches("(?s).*\"result\".*\\r?\\n\\r?\\n")) {
                    break;
                }
            }
            return body.toString(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AgentException(server + ": an answer broke off, or took more than " + TIMEOUT.toSeconds() + " s");
        }
    }

    private static void close(InputStream in) {
        try {
            in.close();
        } catch (IOException over) {
            return;
        }
    }
}
