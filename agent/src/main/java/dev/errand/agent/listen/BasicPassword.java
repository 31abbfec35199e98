package dev.errand.agent.listen;

import dev.errand.agent.call.OwnAnswer;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Demands one user and password by Basic (RFC 7617). Thread-safe. */
public final class BasicPassword implements Guard {
    /** The user's name. */
    public static final String USER = "errand";

    private static final String SCHEME = "basic ";

    private final byte[] expected;

    public BasicPassword(String password) {
        String pair = USER + ":" + password;
        expected = Base64.getEncoder().encode(pair.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public @Nullable FullHttpResponse refusal(HttpRequest request) {
        String shown = request.headers().get(HttpHeaderNames.AUTHORIZATION);
        boolean basic = shown != null && shown.toLowerCase(Locale.ROOT).startsWith(SCHEME);
        byte[] given = basic ? shown.substring(SCHEME.length()).strip().getBytes(StandardCharsets.UTF_8) : new byte[0];
        if (MessageDigest.isEqual(given, expected)) {
            return null;
        }
        FullHttpResponse challenge = OwnAnswer.text(
                HttpResponseStatus.UNAUTHORIZED, "errand agent: this listener wants its user and password");
        challenge.headers().set(HttpHeaderNames.WWW_AUTHENTICATE, "Basic realm=\"errand\"");
        return challenge;
    }
}
