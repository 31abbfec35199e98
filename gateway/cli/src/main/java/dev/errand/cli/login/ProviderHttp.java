package dev.errand.cli.login;

import dev.errand.holder.AgentException;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.signin.FormText;
import dev.errand.trust.HttpFetch;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;

/**
 * Requests to an identity provider: {@code https}, or {@code http} on loopback; no redirect is followed, an answer has at most
 * 1 MiB and comes within ten seconds. An {@link AgentException} tells what went wrong, without a token. Blocks.
 */
final class ProviderHttp {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int MAX_BYTES = 1 << 20;

    private final HttpClient client = HttpClient.newBuilder()
            .connectTimeout(TIMEOUT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    /** The provider's answer; its body is empty if it was no JSON object. */
    record Answer(int status, JsonObject body) {}

    Answer get(URI url) {
        return send(request(url).GET().build());
    }

    Answer post(URI url, Map<String, String> form) {
        return send(request(url)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(FormText.encode(form)))
                .build());
    }

    private static HttpRequest.Builder request(URI url) {
        if (!HttpFetch.isAcceptable(url)) {
            throw new AgentException("'" + url + "' must be https://…, or http:// on this machine");
        }
        return HttpRequest.newBuilder(url).timeout(TIMEOUT).header("Accept", "application/json");
    }

    private Answer send(HttpRequest request) {
        try {
            HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream in = response.body()) {
                byte[] body = in.readNBytes(MAX_BYTES + 1);
                if (body.length > MAX_BYTES) {
                    throw new AgentException(request.uri() + " answered with more than " + MAX_BYTES + " bytes");
                }
                return new Answer(response.statusCode(), object(body));
            }
        } catch (IOException e) {
            throw new AgentException(request.uri() + " does not answer ("
                    + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()) + ")");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AgentException("interrupted while waiting for " + request.uri());
        }
    }

    private static JsonObject object(byte[] body) {
        try {
            return Json.parseObject(body);
        } catch (MalformedJsonException noObject) {
            return JsonObject.EMPTY;
        }
    }
}
