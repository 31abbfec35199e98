package dev.errand.event;

import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.sink.SinkUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The HTTP push of Security Event Tokens (RFC 8935). Each blocks for at most about ten seconds. */
final class PushedEvent {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int MAX_ANSWER = 16 * 1024;

    /** Errors that are about the credential, not about the event: the next attempt may have another. */
    private static final Set<String> OF_CREDENTIAL = Set.of("authentication_failed", "access_denied");

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    /**
     * What a receiver said for good.
     *
     * @param error its error code if it refused the event, else null
     */
    record Answer(int status, @Nullable String error) {}

    /** @throws SinkUnavailableException if it is to be sent again */
    Answer push(EventReceiver receiver, String token) throws SinkUnavailableException, InterruptedException {
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(receiver.url())
                    .timeout(TIMEOUT)
                    .header("Content-Type", "application/" + SessionRevoked.TYPE)
                    .header("Accept", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(token));
            if (receiver.bearer() != null) {
                request.header("Authorization", "Bearer " + receiver.bearer().read());
            }
            HttpResponse<InputStream> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = answer.body()) {
                return judge(answer.statusCode(), body.readNBytes(MAX_ANSWER));
            }
        } catch (IOException e) {
            throw SinkUnavailableException.of(e);
        }
    }

    private static Answer judge(int status, byte[] body) throws SinkUnavailableException {
        if (status / 100 == 2) {
            return new Answer(status, null);
        }
        String error = error(body);
        if (status == 400 && error != null && !OF_CREDENTIAL.contains(error)) {
            return new Answer(status, error);
        }
        throw new SinkUnavailableException("the receiver answered " + status + (error == null ? "" : " " + error));
    }

    private static @Nullable String error(byte[] body) {
        try {
            String error = Json.parse(body) instanceof JsonObject object ? object.string("err") : null;
            return error != null && error.matches("[A-Za-z0-9_.-]{1,64}") ? error : null;
        } catch (Json.MalformedJsonException e) {
            return null;
        }
    }
}
