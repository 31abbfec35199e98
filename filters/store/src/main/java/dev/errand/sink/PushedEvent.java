package dev.errand.sink;

import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonObject;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Pushes Security Event Tokens by HTTP (RFC 8935). A push blocks for about ten seconds at most. For one thread. */
final class PushedEvent {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int MAX_ANSWER = 16 * 1024;

    /**
     * Errors that are about the credential and not about the event. The credential may have changed at the next
     * attempt.
     */
    private static final Set<String> OF_CREDENTIAL = Set.of("authentication_failed", "access_denied");

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final Duration timeout;

    PushedEvent() {
        this(TIMEOUT);
    }

    /** @param timeout of a whole exchange, including the answer's body */
    PushedEvent(Duration timeout) {
        this.timeout = timeout;
    }

    /**
     * A final answer of a receiver.
     *
     * @param error its error code if it refused the event, else null
     */
    record Answer(int status, @Nullable String error) {}

    /** @throws SinkUnavailableException if the event must be sent again */
    Answer push(EventReceiver receiver, String token) throws SinkUnavailableException, InterruptedException {
        // The client's own timeout covers only the head of the answer.
        CompletableFuture<HttpResponse<byte[]>> exchange = client.sendAsync(
                request(receiver, token), head -> new BodyHead(isAccepted(head.statusCode()) ? 0 : MAX_ANSWER));
        try {
            HttpResponse<byte[]> answer = exchange.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            return judge(answer.statusCode(), answer.body());
        } catch (ExecutionException e) {
            // The cause only says that a channel was closed.
            throw e.getCause() instanceof ConnectException
                    ? new SinkUnavailableException("no connection to " + receiver.url())
                    : SinkUnavailableException.of(e);
        } catch (TimeoutException e) {
            throw new SinkUnavailableException("the receiver did not answer within " + timeout.toMillis() + " ms");
        } finally {
            exchange.cancel(true);
        }
    }

    private static HttpRequest request(EventReceiver receiver, String token) throws SinkUnavailableException {
        HttpRequest.Builder request = HttpRequest.newBuilder(receiver.url())
                .header("Content-Type", "application/" + SessionRevoked.TYPE)
                .header("Accept", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(token));
        try {
            if (receiver.bearer() != null) {
                request.header("Authorization", "Bearer " + receiver.bearer().read());
            }
        } catch (IOException e) {
            throw SinkUnavailableException.of(e);
        }
        return request.build();
    }

    private static boolean isAccepted(int status) {
        return status / 100 == 2;
    }

    private static Answer judge(int status, byte[] body) throws SinkUnavailableException {
        if (isAccepted(status)) {
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
