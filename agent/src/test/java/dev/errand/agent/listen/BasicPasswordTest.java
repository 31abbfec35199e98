package dev.errand.agent.listen;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BasicPasswordTest {
    private static FullHttpResponse refusal(String pair) {
        HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/v2/");
        if (!pair.isEmpty()) {
            request.headers()
                    .set(
                            "Authorization",
                            "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
        }
        return new BasicPassword("p").refusal(request);
    }

    @Test
    void userAndPassword_areLetIn() {
        assertThat(refusal("errand:p")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "errand:", "errand:q", "other:p", "errand:pp"})
    void others_areChallenged(String pair) {
        FullHttpResponse refusal = refusal(pair);
        assertThat(refusal.status().code()).isEqualTo(401);
        assertThat(refusal.headers().get("WWW-Authenticate")).isEqualTo("Basic realm=\"errand\"");
        refusal.release();
    }
}
