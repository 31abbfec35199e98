package dev.errand.agent;

import dev.errand.agent.listen.BasicPassword;
import dev.errand.agent.listen.Guard;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** Demands one token by Bearer (RFC 6750), or the same text as the password by Basic. Thread-safe. */
final class BearerToken implements Guard {
    private static final String SCHEME = "Bearer ";

    private final byte[] expected;
    private final BasicPassword basic;

    public BearerToken(String token) {
        this.expected = token.getBytes(StandardCharsets.UTF_8);
        this.basic = new BasicPassword(token);
    }

    @Override
    public @Nullable FullHttpResponse refusal(HttpRequest request) {
        String shown = request.headers().get(HttpHeaderNames.AUTHORIZATION);
        boolean bearer = shown != null && shown.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
        byte[] given = bearer ? shown.substring(SCHEME.length()).strip().getBytes(StandardCharsets.UTF_8) : new byte[0];
        return bearer && MessageDigest.isEqual(given, expected) ? null : basic.refusal(request);
    }
}
