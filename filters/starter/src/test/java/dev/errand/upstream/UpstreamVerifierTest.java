package dev.errand.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.jose.KeyAlgorithm;
import dev.errand.jose.KeyRing;
import dev.errand.jose.NewKeyFile;
import dev.errand.token.KeyUse;
import dev.errand.upstream.UpstreamVerifier.Request;
import dev.errand.upstream.UpstreamVerifier.Result;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class UpstreamVerifierTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_795_512_000L);
    private static final byte[] BODY = "{\"a\":1}".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path directory;

    private KeyRing keys;
    private UpstreamVerifier verifier;

    @BeforeEach
    void verifier() throws Exception {
        keys = KeyRing.createIfAbsent(directory.resolve("keys.jwks"));
        verifier = new UpstreamVerifier(TestCalls.ISSUER, TestCalls.TRUST_DOMAIN, keys.publicJwks());
    }

    private Request request(KeyRing signing, boolean withBody) {
        String token = new TxnTokens(TestCalls.ISSUER, TestCalls.TRUST_DOMAIN, signing)
                .issue(TestCalls.claims("POST", "vault:kv.write"), NOW);
        return signed(signing, token, withBody);
    }

    private static Request signed(KeyRing signing, String token, boolean withBody) {
        String digest = withBody ? ContentDigest.sha256(BODY) : null;
        var fields = new RequestSigner(signing)
                .sign(
                        new OutgoingRequest("POST", URI.create("http://vault:8200/v1/x?y=1"), Map.of(), BODY),
                        token,
                        digest,
                        NOW);
        Map<String, List<String>> headers = new HashMap<>(Map.of(
                "txn-token", List.of(token),
                "signature-input", List.of(fields.signatureInput()),
                "signature", List.of(fields.signature())));
        if (digest != null) {
            headers.put("content-digest", List.of(digest));
        }
        return new Request("POST", "http", "vault:8200", "/v1/x", "y=1", headers, BODY);
    }

    private String reason(Request request, Instant now) {
        Result result = verifier.verify(request, now);
        return result instanceof Result.Refused refused ? refused.reason() : "verified";
    }

    @Test
    void verify_asSent_yieldsTheClaimsOnce() {
        Request request = request(keys, true);
        Result result = verifier.verify(request, NOW);
        assertThat(result).isInstanceOf(Result.Verified.class);
        assertThat(((Result.Verified) result).claims().string("txn")).isEqualTo("d-1");
        assertThat(((Result.Verified) result).contentCovered()).isTrue();
        assertThat(reason(request, NOW)).isEqualTo("txn seen before");
    }

    @Test
    void verify_withoutDigest_saysThatTheBodyIsNotCovered() {
        Result result = verifier.verify(request(keys, false), NOW);
        assertThat(result)
                .isInstanceOfSatisfying(
                        Result.Verified.class,
                        v -> assertThat(v.contentCovered()).isFalse());
    }

    @ParameterizedTest
    @CsvSource({
        "method, signature",
        "scheme, verified",
        "authority, signature",
        "path, signature",
        "query, signature",
        "noQuery, signature",
        "body, content-digest",
        "noBody, content-digest",
        "digest, signature",
        "noDigest, content-digest",
        "token, signature",
        "wideToken, txn-token",
        "noToken, txn-token",
        "twoTokens, txn-token",
        "noSignature, signature",
        "expires, signature",
        "components, components",
        "keyid, unknown keyid",
        "alg, alg",
        "tag, signature-input",
        "zero, signature"
    })
    void verify_oneThingAltered_isRefused(String altered, String reason) {
        Request r = request(keys, true);
        Map<String, List<String>> h = new HashMap<>(r.headers());
        UnaryOperator<String> noop = s -> s;
        Request changed = switch (altered) {
            case "method" -> new Request("PUT", r.scheme(), r.authority(), r.path(), r.query(), h, BODY);
            // vault:8200 is the default port of neither scheme, so the scheme is not part of what is signed.
            case "scheme" -> new Request("POST", "https", r.authority(), r.path(), r.query(), h, BODY);
            case "authority" -> new Request("POST", "http", "other:8200", r.path(), r.query(), h, BODY);
            case "path" -> new Request("POST", "http", r.authority(), "/v1/y", r.query(), h, BODY);
            case "query" -> new Request("POST", "http", r.authority(), r.path(), "y=2", h, BODY);
            case "noQuery" -> new Request("POST", "http", r.authority(), r.path(), null, h, BODY);
            case "body" -> new Request("POST", "http", r.authority(), r.path(), r.query(), h, new byte[] {1});
            case "noBody" -> new Request("POST", "http", r.authority(), r.path(), r.query(), h, null);
            case "digest" -> edit(r, "content-digest", s -> ContentDigest.sha256(new byte[] {1}));
            case "noDigest" -> without(r, "content-digest");
            case "token" -> edit(r, "txn-token", s -> s.substring(0, s.length() - 4) + "AAAA");
            // Base64url cut to seven bits would be the same bytes.
            case "wideToken" -> edit(r, "txn-token", s -> (char) (s.charAt(0) + 0x100) + s.substring(1));
            case "noToken" -> without(r, "txn-token");
            case "twoTokens" -> {
                h.put(
                        "txn-token",
                        List.of(h.get("txn-token").get(0), h.get("txn-token").get(0)));
                yield new Request("POST", "http", r.authority(), r.path(), r.query(), h, BODY);
            }
            case "noSignature" -> without(r, "signature");
            case "expires" -> edit(r, "signature-input", s -> s.replace("expires=1795512060", "expires=1795512059"));
            case "components" -> edit(r, "signature-input", s -> s.replace("\"@query\" ", ""));
            case "keyid" -> edit(r, "signature-input", s -> s.replaceAll("keyid=\"..", "keyid=\"zz"));
            case "alg" -> edit(r, "signature-input", s -> s.replace("ed25519", "ecdsa-p256-sha256"));
            case "tag" -> edit(r, "signature-input", s -> s.replace("tag=\"errand\"", "tag=\"other\""));
            case "zero" -> edit(r, "signature", s -> "errand=:" + "A".repeat(86) + "==:");
            default -> edit(r, "signature", noop);
        };
        assertThat(reason(changed, NOW)).isEqualTo(reason);
    }

    @ParameterizedTest
    @CsvSource({"59, verified", "60, signature not in time", "-30, verified", "-31, signature not in time"})
    void verify_atAnotherTime_isBounded(long seconds, String reason) {
        assertThat(reason(request(keys, true), NOW.plusSeconds(seconds))).isEqualTo(reason);
    }

    @Test
    void verify_tokenOfAnotherMethodIssuerOrAudience_isRefused() {
        var other =
                new TxnTokens(TestCalls.ISSUER, TestCalls.TRUST_DOMAIN, keys).issue(TestCalls.claims("GET", "a"), NOW);
        assertThat(reason(signed(keys, other, true), NOW)).isEqualTo("htm");
        var issuer =
                new TxnTokens("https://evil", TestCalls.TRUST_DOMAIN, keys).issue(TestCalls.claims("POST", "a"), NOW);
        assertThat(reason(signed(keys, issuer, true), NOW)).isEqualTo("iss");
        var audience = new TxnTokens(TestCalls.ISSUER, "other.org", keys).issue(TestCalls.claims("POST", "a"), NOW);
        assertThat(reason(signed(keys, audience, true), NOW)).isEqualTo("aud");
        String wrongType = keys.transactionKey().signJws("aat+jwt", "{}".getBytes(StandardCharsets.UTF_8));
        assertThat(reason(signed(keys, wrongType, true), NOW)).isEqualTo("txn-token header");
    }

    @Test
    void replaceKeys_afterRotation_verifiesTheNewKey() throws Exception {
        KeyRing next = KeyRing.createIfAbsent(directory.resolve("next.jwks"));
        assertThat(reason(request(next, true), NOW)).isEqualTo("unknown keyid");
        verifier.replaceKeys(next.publicJwks());
        assertThat(reason(request(next, true), NOW)).isEqualTo("verified");
    }

    @ParameterizedTest
    @EnumSource(KeyAlgorithm.class)
    void verify_aKeyForEachUse_isTakenForItsOwnOnly(KeyAlgorithm algorithm) throws Exception {
        Path file = directory.resolve("separate.jwks");
        NewKeyFile.of(EnumSet.allOf(KeyUse.class), algorithm).write(file);
        KeyRing separate = KeyRing.load(file);
        verifier.replaceKeys(separate.publicJwks());
        assertThat(reason(request(separate, true), NOW)).isEqualTo("verified");

        verifier.replaceKeys(moved(separate, "txn", "issue"));
        assertThat(reason(request(separate, true), NOW)).isEqualTo("txn-token kid of another use");
        verifier.replaceKeys(moved(separate, "message", "txn"));
        assertThat(reason(request(separate, true), NOW)).isEqualTo("keyid of another use");
        verifier.replaceKeys(separate.publicJwks().replace("[\"message\"]", "\"message\""));
        assertThat(reason(request(separate, true), NOW)).isEqualTo("keyid of another use");
    }

    /** The key set in which the key of one use says another. */
    private static String moved(KeyRing ring, String from, String to) {
        return ring.publicJwks().replace("[\"" + from + "\"]", "[\"" + to + "\"]");
    }

    private static Request edit(Request r, String header, UnaryOperator<String> change) {
        Map<String, List<String>> headers = new HashMap<>(r.headers());
        headers.computeIfPresent(header, (name, values) -> List.of(change.apply(values.get(0))));
        return new Request("POST", "http", r.authority(), r.path(), r.query(), headers, BODY);
    }

    private static Request without(Request r, String header) {
        Map<String, List<String>> headers = new HashMap<>(r.headers());
        headers.remove(header);
        return new Request("POST", "http", r.authority(), r.path(), r.query(), headers, BODY);
    }
}
