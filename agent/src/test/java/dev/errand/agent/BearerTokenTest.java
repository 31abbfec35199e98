package dev.errand.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BearerTokenTest {
    private static FullHttpResponse refusal(String authorization) {
        HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/api");
        if (!authorization.isEmpty()) {
            request.headers().set("Authorization", authorization);
        }
        return new BearerToken("secret").refusal(request);
    }

    /** The last one is errand:secret. */
    @ParameterizedTest
    @ValueSource(strings = {"Bearer secret", "bearer  secret ", "Basic ZXJyYW5kOnNlY3JldA=="})
    void token_isLetIn(String authorization) {
        assertThat(refusal(authorization)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Bearer ", "Bearer other", "Bearer secretx", "secret", "Basic secret"})
    void others_areChallenged(String authorization) {
        FullHttpResponse refusal = refusal(authorization);
        assertThat(refusal.status().code()).isEqualTo(401);
        refusal.release();
    }
}
