package dev.errand.signin;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.state.SessionStore;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import reactor.core.publisher.Mono;

/** What a sign-in leaves in the store, how many end at once, and what is said of a provider that blames our client. */
class SignInTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    private final Set<String> used = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Logger log = (Logger) LoggerFactory.getLogger(TokenEndpoint.class);
    private final ListAppender<ILoggingEvent> written = new ListAppender<>();
    private final CountDownLatch held = new CountDownLatch(SignIn.MOST_EXCHANGES);
    private final CountDownLatch released = new CountDownLatch(1);
    private HttpServer provider;
    private SignIn signIn;
    private volatile int status = 200;
    private volatile String answer = "{\"access_token\":\"a.b.c\",\"token_type\":\"Bearer\"}";
    private volatile boolean holds;
    private volatile Instant now = Instant.now();

    private final SessionStore store = new SessionStore() {
        @Override
        public Mono<List<SecretKey>> keys() {
            return Mono.just(List.of(new SecretKeySpec(new byte[32], "HmacSHA256")));
        }

        @Override
        public Mono<Void> keep(String key, byte[] value, Duration life) {
            return Mono.error(new AssertionError("a sign-in keeps nothing"));
        }

        @Override
        public Mono<Optional<byte[]>> find(String key) {
            return Mono.just(Optional.empty());
        }

        @Override
        public Mono<Void> remove(String key) {
            return Mono.empty();
        }

        @Override
        public Mono<Boolean> isUsed(String key) {
            return Mono.fromSupplier(() -> used.contains(key));
        }

        @Override
        public Mono<Boolean> use(String key, Duration life) {
            return Mono.fromSupplier(() -> used.add(key));
        }
    };

    @BeforeEach
    void start() throws Exception {
        written.start();
        log.addAppender(written);
        provider = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 200);
        provider.setExecutor(threads);
        String issuer = "http://127.0.0.1:" + provider.getAddress().getPort();
        provider.createContext(
                "/.well-known/openid-configuration", exchange -> send(exchange, 200, """
                {"issuer":"%1$s","authorization_endpoint":"%1$s/authorize","token_endpoint":"%1$s/token"}
                """.formatted(issuer)));
        provider.createContext("/token", exchange -> {
            if (holds) {
                held.countDown();
                try {
                    released.await(20, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            send(exchange, status, answer);
        });
        provider.start();
        signIn = new SignIn(
                new SignInClient(
                        issuer,
                        "errand",
                        null,
                        "openid",
                        null,
                        "https://gateway.example/callback",
                        HostCookie.lax("errand-test")),
                store,
                ((InstantSource) () -> now).withZone(ZoneOffset.UTC));
    }

    private static void send(HttpExchange exchange, int status, String json) throws java.io.IOException {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @AfterEach
    void stop() {
        released.countDown();
        log.detachAppender(written);
        signIn.close();
        provider.stop(0);
        threads.shutdownNow();
    }

    /** The way back of a sign-in that this browser began. */
    private MultiValueMap<String, String> back(String name, String value) {
        String location = signIn.begin("secret", JsonObject.EMPTY, SignInDemands.NONE)
                .block(SOON)
                .location()
                .getRawQuery();
        String state = location.replaceFirst(".*(^|&)state=([^&]*).*", "$2");
        MultiValueMap<String, String> query = new LinkedMultiValueMap<>();
        query.add("state", URLDecoder.decode(state, StandardCharsets.UTF_8));
        query.add(name, value);
        return query;
    }

    private SignInResult finish(MultiValueMap<String, String> query) {
        return finishing(query).block(SOON);
    }

    private Mono<SignInResult> finishing(MultiValueMap<String, String> query) {
        return signIn.returned(query, "secret").flatMap(state -> signIn.finish(query, state.orElseThrow()));
    }

    @Test
    void answersWithoutAToken_leaveNothingInTheStore() {
        assertThat(finish(back("error", "x"))).isEqualTo(new SignInResult.Refused(SignInResult.Why.DENIED));
        status = 400;
        answer = "{\"error\":\"invalid_grant\"}";
        MultiValueMap<String, String> tried = back("code", "guessed");
        assertThat(finish(tried)).isEqualTo(new SignInResult.Refused(SignInResult.Why.DENIED));
        assertThat(finish(tried)).isEqualTo(new SignInResult.Refused(SignInResult.Why.DENIED));
        assertThat(used).isEmpty();
        assertThat(written.list).as("everybody may send a code").isEmpty();
    }

    @Test
    void signIn_endsOnce_alsoWhereTheProviderTakesACodeTwice() {
        MultiValueMap<String, String> query = back("code", "good");
        assertThat(finish(query)).isInstanceOf(SignInResult.Accepted.class);
        assertThat(used).hasSize(1);
        assertThat(finish(query)).isEqualTo(new SignInResult.Refused(SignInResult.Why.USED));
        holds = true;
        MultiValueMap<String, String> twice = back("code", "good");
        CompletableFuture<SignInResult> one = finishing(twice).toFuture();
        CompletableFuture<SignInResult> other = finishing(twice).toFuture();
        released.countDown();
        assertThat(List.of(one.join(), other.join()))
                .hasAtLeastOneElementOfType(SignInResult.Accepted.class)
                .contains(new SignInResult.Refused(SignInResult.Why.STRANGE));
    }

    @Test
    void answerThatThisBrowserDidNotBegin_isNone() {
        MultiValueMap<String, String> query = back("code", "good");
        assertThat(signIn.returned(query, "another").block(SOON)).isEmpty();
        assertThat(signIn.returned(query, null).block(SOON)).isEmpty();
        query.add("state", "x");
        assertThat(signIn.returned(query, "secret").block(SOON)).isEmpty();
    }

    @Test
    void exchanges_areOnlySoMany_atOnce() throws Exception {
        holds = true;
        List<CompletableFuture<SignInResult>> waiting = new ArrayList<>();
        for (int i = 0; i < SignIn.MOST_EXCHANGES; i++) {
            waiting.add(finishing(back("code", "c" + i)).toFuture());
        }
        assertThat(held.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(finish(back("code", "more"))).isInstanceOf(SignInResult.Unavailable.class);
        released.countDown();
        for (CompletableFuture<SignInResult> each : waiting) {
            assertThat(each.get(20, TimeUnit.SECONDS)).isInstanceOf(SignInResult.Accepted.class);
        }
        assertThat(finish(back("code", "later"))).isInstanceOf(SignInResult.Accepted.class);
    }

    @Test
    void signInsThatEnd_areOnlySoMany_inTheTimeForWhichTheStoreRemembersThem() {
        assertThat(signIn.take(SignIn.MOST_ENDED - 1)).isTrue();
        status = 400;
        assertThat(finish(back("code", "guessed")))
                .as("takes no room")
                .isEqualTo(new SignInResult.Refused(SignInResult.Why.DENIED));
        status = 200;
        assertThat(finish(back("code", "last"))).isInstanceOf(SignInResult.Accepted.class);
        assertThat(finish(back("code", "more")))
                .isInstanceOfSatisfying(
                        SignInResult.Unavailable.class,
                        away -> assertThat(away.reason())
                                .endsWith(": 10000 sign-ins ended within 20 minutes, and no more can for now"));
        assertThat(used).hasSize(1);
        now = now.plusSeconds(1);
        assertThat(finish(back("code", "later"))).isInstanceOf(SignInResult.Accepted.class);
    }

    @Test
    void provider_thatBlamesOurClient_isSaid_onceASecond() {
        status = 401;
        answer = "{\"error\":\"invalid_client\\n\"}";
        assertThat(finish(back("code", "a"))).isEqualTo(new SignInResult.Refused(SignInResult.Why.DENIED));
        finish(back("code", "b"));
        assertThat(written.list)
                .singleElement()
                .satisfies(line -> assertThat(line.getFormattedMessage())
                        .endsWith("issuer=http://127.0.0.1:"
                                + provider.getAddress().getPort()
                                + " client=errand status=401 error=invalid_client\\u000a"));
    }
}
