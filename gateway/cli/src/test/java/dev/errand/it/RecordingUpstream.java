package dev.errand.it;

import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.LoopResources;

/** An upstream on a free port of loopback that remembers every request as it arrived. Thread-safe. */
final class RecordingUpstream implements AutoCloseable {
    /**
     * A request as it arrived.
     *
     * @param target the request-target as it stood in the request line
     * @param headers all field lines, in order
     */
    record Seen(String method, String target, List<Map.Entry<String, String>> headers, byte[] body) {
        /** The value of the only field line of that name, null if there is none; two are a failure. */
        @Nullable String header(String name) {
            List<String> values = headers(name);
            if (values.size() > 1) {
                throw new AssertionError(name + " came " + values.size() + " times");
            }
            return values.isEmpty() ? null : values.get(0);
        }

        List<String> headers(String name) {
            return headers.stream()
                    .filter(line -> line.getKey().equalsIgnoreCase(name))
                    .map(Map.Entry::getValue)
                    .toList();
        }

        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    /** An answer of the upstream. */
    record Answer(int status, Map<String, String> headers, String body, Duration delay) {
        static Answer of(int status, String body) {
            return new Answer(status, Map.of("Content-Type", "application/json"), body, Duration.ZERO);
        }

        Answer after(Duration delay) {
            return new Answer(status, headers, body, delay);
        }
    }

    /** The loops of all upstreams of this process, none of a gateway. */
    static final LoopResources LOOPS = LoopResources.create("upstream", 2, true);

    private final DisposableServer server;
    private final List<Seen> seen = new CopyOnWriteArrayList<>();
    private volatile Function<Seen, Answer> answers = request -> Answer.of(200, "{}");

    RecordingUpstream() {
        server = HttpServer.create()
                .runOn(LOOPS)
                .host("127.0.0.1")
                .port(0)
                .httpRequestDecoder(spec -> spec.maxInitialLineLength(64 << 10).maxHeaderSize(256 << 10))
                .handle((request, response) -> request.receive()
                        .aggregate()
                        .asByteArray()
                        .defaultIfEmpty(new byte[0])
                        .flatMap(body -> {
                            Seen arrived = new Seen(
                                    request.method().name(), request.uri(), lines(request.requestHeaders()), body);
                            seen.add(arrived);
                            Answer answer = answers.apply(arrived);
                            response.status(answer.status());
                            answer.headers().forEach(response::header);
                            return Mono.delay(answer.delay())
                                    .then(response.sendString(Mono.just(answer.body()))
                                            .then());
                        }))
                .bindNow();
    }

    private static List<Map.Entry<String, String>> lines(HttpHeaders headers) {
        return headers.entries().stream()
                .map(line -> Map.entry(line.getKey(), line.getValue()))
                .toList();
    }

    /** From now on requests are answered so. */
    void answer(Function<Seen, Answer> answers) {
        this.answers = answers;
    }

    int port() {
        return server.port();
    }

    String uri() {
        return "http://127.0.0.1:" + port();
    }

    List<Seen> seen() {
        return List.copyOf(seen);
    }

    /** The request that arrived last. */
    Seen last() {
        return seen.get(seen.size() - 1);
    }

    /** Forgets what arrived. */
    void forget() {
        seen.clear();
    }

    @Override
    public void close() {
        server.disposeNow();
    }
}
