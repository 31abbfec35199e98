package dev.errand.cli;

import dev.errand.holder.AgentException;
import dev.errand.holder.AgentKey;
import dev.errand.holder.DevicePolling;
import dev.errand.holder.Proofs;
import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A client of one gateway over HTTP: starts tasks, makes calls with proofs, ends tokens. Thread-safe; blocks. */
public final class AgentClient {
    private static final String TYPE = "urn:ietf:params:oauth:";
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    /** The seconds that a human has to decide. */
    private static final long LONGEST = 600;

    private final URI address;
    private final String issuer;
    private final HttpClient http;
    private final Duration timeout;

    /**
     * @param address where the gateway is reached
     * @param issuer its identifier, which proofs name; usually the same
     * @throws AgentException if the address is no HTTP URL
     */
    public AgentClient(URI address, String issuer, HttpClient http) {
        this(address, issuer, http, TIMEOUT);
    }

    /** @param timeout how long an answer may take to begin; it must end within twice this time */
    AgentClient(URI address, String issuer, HttpClient http, Duration timeout) {
        boolean web = "http".equals(address.getScheme()) || "https".equals(address.getScheme());
        if (!web || address.getHost() == null) {
            throw new AgentException("the gateway's address must be http[s]://host[:port], was '" + address + "'");
        }
        this.address = address;
        this.issuer = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
        this.http = http;
        this.timeout = timeout;
    }

    /**
     * The parameters of a task's start.
     *
     * @param subjectToken the human's JWT; null if a human is asked
     * @param subjectTokenType {@code jwt}, {@code access_token} or {@code id_token}
     * @param svid the agent's JWT-SVID; null when it is shown by mutual TLS
     * @param start the {@code errand_start} entry, without {@code type}
     * @param tools tools that narrow the template; null for all of it
     */
    public record Start(
            @Nullable String subjectToken,
            String subjectTokenType,
            @Nullable String svid,
            JsonObject start,
            @Nullable JsonObject tools) {}

    /** Starts a task whose root is bound to the key. Returns the answer of the token endpoint. */
    public JsonObject start(AgentKey key, Start request) {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("grant_type", TYPE + "grant-type:token-exchange");
        form.put("subject_token", String.valueOf(request.subjectToken()));
        form.put("subject_token_type", TYPE + "token-type:" + request.subjectTokenType());
        assertion(form, request.svid());
        form.put("requested_token_type", TYPE + "token-type:access_token");
        form.put("authorization_details", details(request));
        return answer(post("/oauth2/token", form, key, null, List.of()));
    }

    /** Asks for a task whose root is bound to the key; a human allows it (RFC 8628). Returns the codes. */
    public JsonObject ask(AgentKey key, Start request) {
        Map<String, String> form = new LinkedHashMap<>();
        assertion(form, request.svid());
        form.put("authorization_details", details(request));
        return answer(post("/oauth2/device_authorization", form, key, null, List.of()));
    }

    /** Asks once for the token of a task that a human was asked for. */
    public HttpResponse<String> get(AgentKey key, @Nullable String svid, String deviceCode) {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("grant_type", TYPE + "grant-type:device_code");
        form.put("device_code", deviceCode);
        assertion(form, svid);
        return post("/oauth2/token", form, key, null, List.of());
    }

    /**
     * Waits until a human decided about a task that was asked for. Returns the answer of the token endpoint.
     *
     * @param svid the agent's JWT-SVID of that moment, or null
     * @param asked what {@link #ask} returned
     */
    public JsonObject await(AgentKey key, Supplier<@Nullable String> svid, JsonObject asked) {
        String device = String.valueOf(asked.string("device_code"));
        try (DevicePolling polling =
                new DevicePolling(asked, LONGEST, DevicePolling.Pause.SLEEP, () -> withdraw(key, svid.get(), device))) {
            while (polling.next()) {
                HttpResponse<String> response = get(key, svid.get(), device);
                if (polling.isAnswered(response.statusCode(), error(response))) {
                    return answer(response);
                }
            }
        }
        throw new AgentException("no human allowed the task in time: ask again");
    }

    private void withdraw(AgentKey key, @Nullable String svid, String device) {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("token", device);
        assertion(form, svid);
        post("/oauth2/revoke", form, key, device, List.of());
    }

    private static String error(HttpResponse<String> response) {
        try {
            return response.statusCode() == 200
                    ? ""
                    : String.valueOf(Json.parseObject(response.body().getBytes(StandardCharsets.UTF_8))
                            .string("error"));
        } catch (MalformedJsonException e) {
            return "";
        }
    }

    private static void assertion(Map<String, String> form, @Nullable String svid) {
        if (svid != null) {
            form.put("client_assertion_type", TYPE + "client-assertion-type:jwt-spiffe");
            form.put("client_assertion", svid);
        }
    }

    private static String details(Start request) {
        Map<String, JsonValue> start = new LinkedHashMap<>(request.start().members());
        start.put("type", new JsonString("errand_start"));
        List<JsonValue> details = new java.util.ArrayList<>(List.of(new JsonObject(start)));
        if (request.tools() != null) {
            details.add(new JsonObject(
                    Map.of("type", new JsonString("attenuating_agent_token"), "tools", request.tools())));
        }
        return Jcs.canonical(new JsonArray(details));
    }

    private static JsonObject answer(HttpResponse<String> response) {
        if (response.statusCode() != 200) {
            throw new AgentException("the gateway answered " + response.statusCode() + ": " + response.body());
        }
        try {
            return Json.parseObject(response.body().getBytes(StandardCharsets.UTF_8));
        } catch (MalformedJsonException e) {
            throw new AgentException("the gateway's answer is not JSON: does --gateway name the gateway?");
        }
    }

    /** Ends a token and all below it; the key is its holder's or an ancestor's. */
    public void end(AgentKey key, String token, List<String> ancestors) {
        HttpResponse<String> response = post("/oauth2/revoke", Map.of("token", token), key, token, ancestors);
        if (response.statusCode() != 200) {
            throw new AgentException("the gateway answered " + response.statusCode() + ": " + response.body());
        }
    }

    /**
     * Makes a call.
     *
     * @param target path and query
     * @param ancestors the tokens above the leaf, root first
     */
    public HttpResponse<String> call(
            AgentKey key,
            String token,
            List<String> ancestors,
            String method,
            String target,
            Map<String, String> headers,
            byte @Nullable [] body) {
        HttpRequest.BodyPublisher content = body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body);
        return sendWithNonce(nonce -> {
            HttpRequest.Builder request = request(target, method, content, ancestors);
            headers.forEach(request::header);
            return request.header("Authorization", "DPoP " + token)
                    .header("DPoP", Proofs.dpop(key, method, issuer + target, token, nonce, Instant.now()))
                    .build();
        });
    }

    private HttpResponse<String> post(
            String path, Map<String, String> form, AgentKey key, @Nullable String token, List<String> ancestors) {
        String body = form.entrySet().stream()
                .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        return sendWithNonce(nonce -> request(path, "POST", BodyPublishers.ofString(body), ancestors)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("DPoP", Proofs.dpop(key, "POST", issuer + path, token, nonce, Instant.now()))
                .build());
    }

    private HttpRequest.Builder request(
            String target, String method, HttpRequest.BodyPublisher body, List<String> ancestors) {
        String base = address.toString();
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create((base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + target))
                .timeout(timeout)
                .method(method, body);
        return ancestors.isEmpty() ? request : request.header("Delegation-Chain", String.join(", ", ancestors));
    }

    private interface Attempt {
        HttpRequest with(@Nullable String nonce);
    }

    /** Sends the request; if the gateway asks for a nonce, sends it once more with it (RFC 9449 section 8). */
    private HttpResponse<String> sendWithNonce(Attempt attempt) {
        HttpResponse<String> first = send(attempt.with(null));
        String nonce = first.headers().firstValue("DPoP-Nonce").orElse(null);
        boolean asked = nonce != null && (first.statusCode() == 400 || first.statusCode() == 401);
        return asked ? send(attempt.with(nonce)) : first;
    }

    private HttpResponse<String> send(HttpRequest request) {
        // The request's own timeout covers the answer only up to its head.
        CompletableFuture<HttpResponse<String>> exchange = http.sendAsync(request, BodyHandlers.ofString());
        try {
            return exchange.get(2 * timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw unreachable(e.getCause() == null ? null : e.getCause().getMessage());
        } catch (TimeoutException e) {
            throw unreachable("its answer does not end");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AgentException("interrupted");
        } finally {
            exchange.cancel(true);
        }
    }

    private AgentException unreachable(@Nullable String why) {
        return new AgentException("the gateway at " + address + " cannot be reached" + (why == null ? "" : ": " + why));
    }
}
