package dev.errand.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.errand.Patience;
import dev.errand.trust.LiveDocument.MalformedDocumentException;
import dev.errand.trust.LiveDocument.UnavailableException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

class RemoteDocumentTest {
    private static final RefreshPolicy POLICY = new RefreshPolicy(
            Duration.ofSeconds(60), Duration.ofSeconds(10), Duration.ofSeconds(600), Duration.ofSeconds(120));

    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicLong clockMillis = new AtomicLong(1_000_000);
    private volatile int status = 200;
    private volatile String body = "one";
    private volatile Duration delay = Duration.ZERO;

    private final DisposableServer server = HttpServer.create()
            .host("127.0.0.1")
            .port(0)
            .handle((request, response) -> {
                requests.incrementAndGet();
                Mono<String> answer =
                        delay.isZero() ? Mono.just(body) : Mono.just(body).delayElement(delay);
                if (status == 302) {
                    return response.sendRedirect("/elsewhere");
                }
                return response.status(status).sendString(answer);
            })
            .bindNow();

    private final RemoteDocument<String> document = new RemoteDocument<>(
            "test",
            () -> new HttpFetch()
                    .get(URI.create("http://127.0.0.1:" + server.port() + "/keys"))
                    .flatMap(bytes -> RemoteDocument.parsed(bytes, RemoteDocumentTest::parse)),
            value -> POLICY.refreshAfter(),
            (held, fetched) -> fetched,
            POLICY,
            clockMillis::get);

    private static String parse(byte[] bytes) throws MalformedDocumentException {
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (text.equals("bad")) {
            throw new MalformedDocumentException("bad on purpose");
        }
        return text;
    }

    @AfterEach
    void stop() {
        document.close();
        server.disposeNow();
    }

    @Test
    void get_manyAtOnce_shareOneFetch() {
        delay = Duration.ofMillis(100);
        List<String> answers = Flux.range(0, 200)
                .flatMap(i -> document.get(), 200)
                .collectList()
                .block(Duration.ofSeconds(5));
        assertThat(answers).hasSize(200).containsOnly("one");
        assertThat(requests).hasValue(1);
    }

    @Test
    void get_cancelledCaller_doesNotEndTheFetchOfOthers() {
        delay = Duration.ofMillis(100);
        document.get().subscribe().dispose();
        assertThat(document.get().block(Duration.ofSeconds(5))).isEqualTo("one");
        assertThat(requests).hasValue(1);
    }

    @Test
    void refresh_withinTheCoolDown_isNotFetched() {
        assertThat(block(document.get())).isEqualTo("one");
        body = "two";
        for (int i = 0; i < 1_000; i++) {
            assertThat(block(document.refresh())).isEqualTo("one");
        }
        assertThat(requests).hasValue(1);
        clockMillis.addAndGet(10_000);
        assertThat(block(document.refresh())).isEqualTo("two");
        assertThat(requests).hasValue(2);
    }

    @Test
    void get_old_isAnsweredAtOnceAndFetchedBehind() {
        block(document.get());
        body = "two";
        clockMillis.addAndGet(60_001);
        assertThat(block(document.get())).isEqualTo("one");
        await().untilAsserted(() -> assertThat(document.current()).isEqualTo("two"));
    }

    @Test
    void get_outage_keepsTheLastUntilItIsTooOld() {
        block(document.get());
        status = 503;
        clockMillis.addAndGet(599_000);
        assertThat(block(document.refresh())).isEqualTo("one");
        assertThat(document.fault()).contains("503");
        assertThat(document.current()).isEqualTo("one");
        clockMillis.addAndGet(2_000);
        assertThat(document.current()).isNull();
        assertThatThrownBy(() -> block(document.get())).isInstanceOf(UnavailableException.class);
        int before = requests.get();
        for (int i = 0; i < 100; i++) {
            assertThatThrownBy(() -> block(document.get())).isInstanceOf(UnavailableException.class);
        }
        assertThat(requests.get()).isLessThanOrEqualTo(before + 1);
        status = 200;
        clockMillis.addAndGet(11_000);
        assertThat(block(document.get())).isEqualTo("one");
        assertThat(document.fault()).isNull();
    }

    @Test
    void refresh_repeatedFailures_openTheBreakerAndHeal() {
        status = 500;
        for (int i = 0; i < 10; i++) {
            clockMillis.addAndGet(10_001);
            assertThatThrownBy(() -> block(document.refresh())).isInstanceOf(UnavailableException.class);
        }
        assertThat(requests).hasValue(4);
        status = 200;
        clockMillis.addAndGet(10_001);
        assertThatThrownBy(() -> block(document.refresh())).isInstanceOf(UnavailableException.class);
        assertThat(requests).hasValue(4);
        clockMillis.addAndGet(70_001);
        assertThat(block(document.refresh())).isEqualTo("one");
    }

    @Test
    void refresh_malformed_keepsTheLastGoodRevision() {
        block(document.get());
        body = "bad";
        clockMillis.addAndGet(10_001);
        assertThat(block(document.refresh())).isEqualTo("one");
        assertThat(document.fault()).contains("bad on purpose");
    }

    @Test
    void get_redirect_isNotFollowed() {
        status = 302;
        assertThatThrownBy(() -> block(document.get())).isInstanceOf(UnavailableException.class);
        assertThat(requests).hasValue(1);
    }

    @Test
    void get_bodyTooLarge_isRefused() {
        body = "a".repeat(HttpFetch.MAX_BYTES + 1);
        assertThatThrownBy(() -> block(document.get())).isInstanceOf(UnavailableException.class);
        assertThat(document.fault()).isNotNull();
    }

    @Test
    void get_slowServer_endsAfterTwoSeconds() {
        delay = Duration.ofSeconds(20);
        long start = System.nanoTime();
        assertThatThrownBy(() -> block(document.get())).isInstanceOf(UnavailableException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Patience.of(Duration.ofSeconds(4)));
    }

    @Test
    void start_fetchesWithoutBeingAsked() {
        document.start();
        await().untilAsserted(() -> assertThat(document.current()).isEqualTo("one"));
    }

    @Test
    void isAcceptable_onlyHttpsOrLoopback() {
        List<String> accepted = new ArrayList<>();
        for (String url : List.of(
                "https://a/b",
                "http://127.0.0.1:1/",
                "http://localhost/",
                "http://a/",
                "file:///etc/passwd",
                "https://u:p@a/",
                "https://a/#f",
                "http://127.0.0.1.evil.org/",
                "/x")) {
            if (HttpFetch.isAcceptable(URI.create(url))) {
                accepted.add(url);
            }
        }
        assertThat(accepted).containsExactly("https://a/b", "http://127.0.0.1:1/", "http://localhost/");
    }

    private static <T> T block(Mono<T> mono) {
        T value = mono.block(Duration.ofSeconds(5));
        assertThat(value).isNotNull();
        return value;
    }
}
