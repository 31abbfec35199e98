package dev.errand.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.errand.state.InMemoryTaskStore;
import dev.errand.upstream.Echo;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;

class CallTest {
    private final MockServerWebExchange exchange = MockServerWebExchange.from(MockServerHttpRequest.get("/vault/v1/x"));

    @Test
    void stage_isGivenTheCallOfTheStageBefore_orNone() {
        assertThat(Call.find(exchange)).isNull();
        assertThatIllegalStateException().isThrownBy(() -> Call.of(exchange, Call.Identified.class));
        Call.Permitted permitted = new PermittedCalls(new InMemoryTaskStore()).permitted();
        permitted.granted().attachTo(exchange);
        assertThatIllegalStateException().isThrownBy(() -> Call.of(exchange, Call.Permitted.class));
        permitted.attachTo(exchange);
        assertThat(Call.of(exchange, Call.Permitted.class)).isSameAs(permitted);
    }

    @Test
    void stage_knowsWhatThoseBeforeItKnew() {
        Call.Permitted permitted = new PermittedCalls(new InMemoryTaskStore()).permitted();
        Call.Forwarded call = new Call.Forwarded(permitted, Map.of(), Set.of(), null, null, Echo.OFF);
        Call.Arrived arrived = permitted.granted().named().identified().arrived();
        assertThat(call.arrived()).isSameAs(arrived);
        assertThat(call.progress()).isSameAs(arrived.progress());
        assertThat(call.caller()).isSameAs(permitted.caller());
        assertThat(call.operations()).isEqualTo(permitted.granted().named().operations());
        assertThat(call.argsHash()).isEqualTo("sha-256:x");
        assertThat(arrived.operations()).isEmpty();
        assertThat(arrived.caller()).isNull();
        assertThat(arrived.granted()).isNull();
    }
}
