package dev.errand.agent.listen;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples of Amazon's page on Signature Version 4 for S3, and what is near them. */
class SignatureV4Test {
    private static final String EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private static final Instant THEN = Instant.parse("2013-05-24T00:00:00Z");

    private static SignatureV4 at(Instant now) {
        return new SignatureV4(
                "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", Clock.fixed(now, ZoneOffset.UTC));
    }

    private static HttpRequest get(String target) {
        HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, target);
        request.headers().set("Host", "examplebucket.s3.amazonaws.com");
        return request;
    }

    private static HttpRequest object() {
        HttpRequest request = get("/test.txt");
        request.headers()
                .set("Range", "bytes=0-9")
                .set("x-amz-content-sha256", EMPTY)
                .set("x-amz-date", "20130524T000000Z")
                .set(
                        "Authorization",
                        authorization(
                                "host;range;x-amz-content-sha256;x-amz-date",
                                "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"));
        return request;
    }

    private static String authorization(String headers, String signature) {
        return "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders="
                + headers + ",Signature=" + signature;
    }

    @Test
    void exampleOfAnObject_isGood() {
        assertThat(at(THEN).refusal(object())).isNull();
        assertThat(at(THEN.plusSeconds(899)).refusal(object())).isNull();
    }

    @Test
    void exampleOfALifecycle_isGood() {
        HttpRequest request = get("/?lifecycle");
        request.headers()
                .set("x-amz-content-sha256", EMPTY)
                .set("x-amz-date", "20130524T000000Z")
                .set(
                        "Authorization",
                        authorization(
                                "host;x-amz-content-sha256;x-amz-date",
                                "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"));
        assertThat(at(THEN).refusal(request)).isNull();
    }

    @Test
    void exampleOfAList_isGood() {
        HttpRequest request = get("/?max-keys=2&prefix=J");
        request.headers()
                .set("x-amz-content-sha256", EMPTY)
                .set("x-amz-date", "20130524T000000Z")
                .set(
                        "Authorization",
                        authorization(
                                "host;x-amz-content-sha256;x-amz-date",
                                "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"));
        assertThat(at(THEN).refusal(request)).isNull();
    }

    /** As curl signs a request that has no body. */
    @Test
    void requestThatNamesNoPayload_isSignedForAnEmptyBody() {
        HttpRequest request = get("/test.txt");
        request.headers()
                .set("x-amz-date", "20130524T000000Z")
                .set(
                        "Authorization",
                        authorization(
                                "host;x-amz-date", "c56d82b267bdb6e445b1471d255de6c82ea88b19c83e16370232146fdcd628ec"));
        assertThat(at(THEN).refusal(request)).isNull();
    }

    private static String presigned() {
        return "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1"
                + "%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
                + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
    }

    @Test
    void exampleOfAPresignedUrl_isGoodAsLongAsItSays() {
        assertThat(at(THEN).refusal(get(presigned()))).isNull();
        assertThat(at(THEN.plusSeconds(86_399)).refusal(get(presigned()))).isNull();
        assertThat(at(THEN.plusSeconds(86_401)).refusal(get(presigned()))).isNotNull();
    }

    @Test
    void target_goesOnWithoutTheSignature() {
        assertThat(at(THEN).target(presigned())).isEqualTo("/test.txt");
        assertThat(at(THEN).target("/a?list-type=2&X-Amz-Date=1&x%2Damz-date=2&prefix=x-amz-"))
                .isEqualTo("/a?list-type=2&prefix=x-amz-");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"path", "method", "header", "signature", "time", "key", "scope", "nothing", "unsigned host"})
    void otherRequests_areRefused(String what) {
        HttpRequest request = object();
        Instant now = THEN;
        switch (what) {
            case "path" -> request.setUri("/test.txu");
            case "method" -> request.setMethod(HttpMethod.PUT);
            case "header" -> request.headers().set("Range", "bytes=0-10");
            case "signature" ->
                request.headers().set("Authorization", request.headers().get("Authorization") + "0");
            case "time" -> now = THEN.plusSeconds(901);
            case "key" -> edit(request, "AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLF");
            case "scope" -> edit(request, "/s3/", "/ec2/");
            case "nothing" -> request.headers().remove("Authorization");
            default -> edit(request, "host;", "");
        }
        FullHttpResponse refusal = at(now).refusal(request);
        assertThat(refusal).isNotNull();
        assertThat(refusal.status().code()).isEqualTo(403);
        refusal.release();
    }

    private static void edit(HttpRequest request, String from, String to) {
        request.headers()
                .set("Authorization", request.headers().get("Authorization").replace(from, to));
    }
}
