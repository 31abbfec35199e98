package dev.errand.load;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/**
 * The upstream of {@link Rolling}: it counts how often it executed each call, by the last segment {@code c-<number>-<millis>} of
 * its path, and answers after so many milliseconds. A segment {@code stream-…} is an event stream of five events a second that
 * does not end. Thread-safe.
 */
final class RollingUpstream implements AutoCloseable {
    private final Map<String, Integer> executions = new ConcurrentHashMap<>();
    private final DisposableServer server;

    RollingUpstream() {
        server = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle((request, response) -> {
                    String call = request.uri().substring(request.uri().lastIndexOf('/') + 1);
                    if (call.startsWith("stream-")) {
                        return response.sse()
                                .send(
                                        ByteBufFlux.fromString(Flux.interval(Duration.ofMillis(200))
                                                .map(i -> "data: " + i + "\n\n")),
                                        event -> true);
                    }
                    executions.merge(call, 1, Integer::sum);
                    String body = "{\"data\":{\"call\":\"" + call + "\"}}";
                    long millis = Long.parseLong(call.substring(call.lastIndexOf('-') + 1));
                    return Mono.delay(Duration.ofMillis(millis))
                            .then(response.header("Content-Type", "application/json")
                                    .header("Content-Length", Integer.toString(body.length()))
                                    .sendString(Mono.just(body))
                                    .then());
                })
                .bindNow();
    }

    int port() {
        return server.port();
    }

    /** How often each call was executed. */
    Map<String, Integer> executions() {
        return Map.copyOf(executions);
    }

    @Override
    public void close() {
        server.disposeNow();
    }
}
