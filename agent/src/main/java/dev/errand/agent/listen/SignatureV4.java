package dev.errand.agent.listen;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * Demands that a request to S3 is signed with one pair of keys (AWS Signature Version 4), in its header or in its
 * query. The signature only shows who calls; the body is not checked. Thread-safe.
 */
public final class SignatureV4 implements Guard {
    private final String accessKey;
    private final SigningSecret secret;
    private final Clock clock;

    /** @param secretKey the random half of the pair */
    public SignatureV4(String accessKey, String secretKey, Clock clock) {
        this.accessKey = accessKey;
        this.secret = new SigningSecret(secretKey);
        this.clock = clock;
    }

    @Override
    public @Nullable FullHttpResponse refusal(HttpRequest request) {
        SignedRequest signed = SignedRequest.of(request);
        boolean good = signed != null
                && signed.accessKey().equals(accessKey)
                && signed.isCurrent(clock.instant())
                && (isBy(signed, request, false) || isBy(signed, request, true));
        return good ? null : refused();
    }

    /** @param spelled whether the path is encoded as signers encode it; if not, it is taken as it was sent */
    private boolean isBy(SignedRequest signed, HttpRequest request, boolean spelled) {
        String expected = secret.signature(signed, CanonicalRequest.of(signed, request, spelled));
        return MessageDigest.isEqual(
                expected.getBytes(StandardCharsets.US_ASCII), signed.signature().getBytes(StandardCharsets.UTF_8));
    }

    private static FullHttpResponse refused() {
        byte[] body =
                ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>SignatureDoesNotMatch</Code><Message>errand"
                                + " agent: the request is not signed by this listener's keys</Message></Error>")
                        .getBytes(StandardCharsets.UTF_8);
        FullHttpResponse answer = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.FORBIDDEN, Unpooled.wrappedBuffer(body));
        answer.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "application/xml")
                .set(HttpHeaderNames.CONTENT_LENGTH, body.length);
        return answer;
    }

    @Override
    public String target(String target) {
        return QueryText.withoutSignature(target);
    }
}
