package dev.errand.load;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/**
 * An upstream that costs next to nothing: every GET is answered at once with the same small JSON, one of a path that ends
 * in {@code /stream} by {@value #EVENTS} events over a second.
 */
final class Upstream {
    static final int EVENTS = 10;

    private static final byte[] ANSWER = "{\"data\":{\"data\":{\"password\":\"s3cr3t\"},\"metadata\":{\"version\":1}}}"
            .getBytes(StandardCharsets.UTF_8);

    private Upstream() {}

    /** Serves on a free loopback port, which it prints, for at most so many seconds. */
    public static void main(String[] arguments) {
        DisposableServer server = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle((request, response) -> request.uri().endsWith("/stream")
                        ? response.sse()
                                .send(
                                        ByteBufFlux.fromString(Flux.interval(Duration.ofMillis(100))
                                                .take(EVENTS)
                                                .map(i -> "data: " + i + "\n\n")),
                                        event -> true)
                        : response.header("Content-Type", "application/json")
                                .header("Content-Length", Integer.toString(ANSWER.length))
                                .sendByteArray(Mono.just(ANSWER)))
                .bindNow();
        System.out.println(server.port());
        Mono.delay(Duration.ofSeconds(Long.parseLong(arguments[0]))).block();
        server.disposeNow();
    }
}
