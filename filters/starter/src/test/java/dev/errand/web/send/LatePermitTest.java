package dev.errand.web.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.state.InMemoryTaskStore;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.upstream.Echo;
import dev.errand.web.BodyRequest;
import dev.errand.web.Call;
import dev.errand.web.NotSentException;
import dev.errand.web.PermittedCalls;
import dev.errand.web.Progress;
import dev.errand.web.UpstreamTimeouts;
import dev.errand.web.stage.PermitAges;
import dev.errand.web.stage.TestOutcomes;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;

/** A permit that grew too old before its call was sent: the task may have ended meanwhile. */
class LatePermitTest {
    private final AtomicInteger got = new AtomicInteger();
    private final AtomicInteger asked = new AtomicInteger();
    private final InMemoryTaskStore tasks = new InMemoryTaskStore();
    private final PermittedCalls calls = new PermittedCalls(tasks);
    private boolean away;

    private final TaskStore store = new TaskStore() {
        @Override
        public Mono<TaskOutcome> apply(TaskKey key, TaskPolicy policy, TaskStep step) {
            asked.incrementAndGet();
            assertThat(step).as("nothing is claimed or debited").isInstanceOf(TaskStep.Look.class);
            return away ? Mono.error(new StoreUnavailableException("away")) : tasks.apply(key, policy, step);
        }

        @Override
        public Flux<TaskKey> endings() {
            return tasks.endings();
        }

        @Override
        public boolean isAvailable() {
            return !away;
        }
    };

    private final PermitAges permits = new PermitAges(store, PermittedCalls.settings());
    private DisposableServer upstream;

    @BeforeEach
    void start() {
        upstream = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle((request, response) -> {
                    got.incrementAndGet();
                    return response.status(204).send();
                })
                .bindNow();
    }

    @AfterEach
    void stop() {
        upstream.disposeNow();
    }

    /** @param decided whether the permit grew old before the filter that sends what was decided, else while it connects */
    private Call.Permitted send(boolean late, boolean decided, boolean ends) {
        URI target = URI.create("http://127.0.0.1:" + upstream.port() + "/v1/x");
        Call.Permitted call = calls.permittedTo(target);
        if (ends) {
            tasks.apply(PermittedCalls.TASK, Tasks.policy(), new TaskStep.Interrupt("leak"))
                    .block();
        }
        if (late) {
            call.progress().permit(System.nanoTime() - 1);
        }
        MockServerHttpRequest request = MockServerHttpRequest.get("/vault/v1/x").build();
        ServerWebExchange exchange = MockServerWebExchange.from(request)
                .mutate()
                .request(new BodyRequest(request.getMethod(), request.getHeaders(), request.getBody()))
                .build();
        exchange.getAttributes().put(ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR, target);
        exchange.getAttributes()
                .put(
                        ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR,
                        Route.async()
                                .id("r")
                                .uri("http://127.0.0.1")
                                .predicate(any -> true)
                                .build());
        new Call.Forwarded(call, Map.of(), Set.of(), null, null, Echo.OFF).attachTo(exchange);
        UpstreamRoutingFilter routing = routing();
        Mono<Void> sent = decided
                ? new SendDecidedFilter(permits)
                        .filter(exchange, next -> routing.filter(exchange, nothing -> Mono.empty()))
                : routing.filter(exchange, nothing -> Mono.empty())
                        .contextWrite(context -> context.put(Progress.class, call.progress()));
        try {
            sent.block(Duration.ofSeconds(30));
        } finally {
            assertThat(call.progress().isSending()).isEqualTo(got.get() == 1);
        }
        return call;
    }

    private UpstreamRoutingFilter routing() {
        ObjectProvider<List<HttpHeadersFilter>> none = new ObjectProvider<>() {
            @Override
            public List<HttpHeadersFilter> getObject() {
                return List.of();
            }
        };
        HttpClient client = new SendConfiguration().errandHttpClientCustomizer().customize(HttpClient.create());
        return new UpstreamRoutingFilter(
                client,
                new UpstreamHeads(new HeadersFilters(none), new UpstreamTimeouts(null)),
                null,
                permits,
                TestOutcomes.unread(store));
    }

    @Test
    void youngPermit_isSentWithoutAsking() {
        send(false, true, true);
        assertThat(got).hasValue(1);
        assertThat(asked).hasValue(0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void latePermit_ofATaskThatRuns_isSentOnce_andAskedForOnce(boolean decided) {
        send(true, decided, false);
        assertThat(got).hasValue(1);
        assertThat(asked).hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void latePermit_ofATaskThatEnded_isNotSent(boolean decided) {
        assertThatThrownBy(() -> send(true, decided, true))
                .isInstanceOf(NotSentException.EndedException.class)
                .hasMessageContaining("interrupted");
        assertThat(got).hasValue(0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void latePermit_thatTheStoreCannotRenew_isNotSent(boolean decided) {
        away = true;
        assertThatThrownBy(() -> send(true, decided, false)).isInstanceOf(NotSentException.UndecidedException.class);
        assertThat(got).hasValue(0);
    }
}
