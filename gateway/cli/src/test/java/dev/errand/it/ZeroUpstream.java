package dev.errand.it;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/**
 * An upstream that logs tasks in and takes their tokens back, as Vault does, and that keeps by its own clock what it saw of each
 * token: when a request came last, when a stream ended, since when the token is refused. A path that ends in {@code /stream} is an
 * event stream without an end. Thread-safe.
 */
final class ZeroUpstream implements AutoCloseable {
    private static final Duration EVENTS_EVERY = Duration.ofMillis(10);

    /** What was seen of one token, by {@link System#nanoTime}; 0 where it was not. */
    private static final class Token {
        final String task;
        volatile long requestNanos;
        volatile long streamEndNanos;
        volatile long deadNanos;

        Token(String task) {
            this.task = task;
        }
    }

    private final Map<String, Token> tokens = new ConcurrentHashMap<>();
    private final AtomicInteger numbers = new AtomicInteger();
    private final AtomicInteger streams = new AtomicInteger();
    private final DisposableServer server = HttpServer.create()
            .runOn(RecordingUpstream.LOOPS)
            .host("127.0.0.1")
            .port(0)
            .handle(this::answer)
            .bindNow();

    String uri() {
        return "http://127.0.0.1:" + server.port();
    }

    /** How many streams are open. */
    int streams() {
        return streams.get();
    }

    /** How many tokens it gave. */
    int tokens() {
        return tokens.size();
    }

    /** How many of them it refuses. */
    long dead() {
        return tokens.values().stream().filter(token -> token.deadNanos != 0).count();
    }

    /** What the upstream saw of all tokens of one task; nanoseconds of the last of each kind, 0 for none. */
    record Seen(int tokens, int dead, long requestNanos, long streamEndNanos, long deadNanos) {}

    Seen seen(String task) {
        Collection<Token> its = tokens.values().stream()
                .filter(token -> token.task.equals(task))
                .toList();
        return new Seen(
                its.size(),
                (int) its.stream().filter(token -> token.deadNanos != 0).count(),
                its.stream().mapToLong(token -> token.requestNanos).max().orElse(0),
                its.stream().mapToLong(token -> token.streamEndNanos).max().orElse(0),
                its.stream().mapToLong(token -> token.deadNanos).max().orElse(0));
    }

    private Mono<Void> answer(HttpServerRequest request, HttpServerResponse response) {
        String path = request.uri();
        if (path.endsWith("/auth/jwt/login")) {
            return request.receive().aggregate().asString().flatMap(body -> login(body, response));
        }
        String header = request.requestHeaders().get("X-Vault-Token");
        Token token = header == null ? null : tokens.get(header);
        if (token == null || token.deadNanos != 0) {
            return json(response.status(403), "{\"errors\":[\"permission denied\"]}");
        }
        if (path.endsWith("/auth/token/revoke-self")) {
            token.deadNanos = System.nanoTime();
            return response.status(204).send();
        }
        token.requestNanos = System.nanoTime();
        if (path.endsWith("/stream")) {
            streams.incrementAndGet();
            return response.sse()
                    .send(
                            ByteBufFlux.fromString(Flux.interval(EVENTS_EVERY)
                                    .onBackpressureDrop()
                                    .map(i -> "data: x\n\n")),
                            event -> true)
                    .then()
                    .doFinally(end -> {
                        token.streamEndNanos = System.nanoTime();
                        streams.decrementAndGet();
                    });
        }
        return json(response, "{\"data\":{}}");
    }

    private Mono<Void> login(String body, HttpServerResponse response) {
        String task = String.valueOf(Jws.claims(String.valueOf(Jws.object(body).string("jwt")))
                .object("errand")
                .string("task"));
        String token = "hvs.secret-" + numbers.incrementAndGet();
        tokens.put(token, new Token(task));
        return json(
                response, "{\"auth\":{\"client_token\":\"" + token + "\",\"lease_duration\":3600,\"renewable\":true}}");
    }

    private static Mono<Void> json(HttpServerResponse response, String body) {
        return response.header("Content-Type", "application/json")
                .sendString(Mono.just(body))
                .then();
    }

    @Override
    public void close() {
        server.disposeNow();
    }
}
