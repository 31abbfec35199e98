package dev.errand.jose;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.jose.DpopVerifier.Result.Accepted;
import dev.errand.jose.DpopVerifier.Result.Refused;
import dev.errand.jose.TestKeys.TestKey;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.KeyThumbprint;
import dev.errand.token.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class DpopVerifierTest {
    private static final long NOW = 1_795_512_000_000L;
    private static final String TARGET = "https://gateway.example.org/vault/v1/secret/data/x";
    private static final String ATH = Sha256.base64UrlOf("leaf");
    private static final TestKey KEY = TestKeys.of(JwsAlgorithm.ES256);
    private static final TestKey ED = TestKeys.of(JwsAlgorithm.ED25519);

    private final DpopVerifier verifier = new DpopVerifier(Duration.ofSeconds(30), null);

    @ParameterizedTest
    @EnumSource(names = {"ES256", "ED25519", "EDDSA"})
    void verify_goodProof_isProven(JwsAlgorithm algorithm) {
        TestKey key = TestKeys.of(algorithm);
        String proof = key.jws(header(key, ""), claims().text());
        for (int warm = 0; warm < 2; warm++) {
            Accepted proven = (Accepted) verify(proof, key.parsed().thumbprint());
            assertThat(proven.key().thumbprint()).isEqualTo(key.parsed().thumbprint());
            assertThat(proven.claim().keepMillis()).isEqualTo(75_000);
            assertThat(proven.claim().onlyWhenPermitted()).isFalse();
            assertThat(proven.tool()).isNull();
            assertThat(proven.arguments()).isNull();
        }
    }

    @Test
    void verify_toolAndArguments_areSurfaced() {
        String text = claims().with("\"aat_tool\":\"vault:kv.read\",\"hta\":{\"resource\":\"secret/x\"}")
                .text();
        Accepted proven = (Accepted) verify(KEY.jws(header(KEY, ""), text), null);
        assertThat(proven.tool()).isEqualTo("vault:kv.read");
        assertThat(proven.arguments()).isNotNull();
        assertThat(proven.arguments().get("resource")).isEqualTo(new JsonString("secret/x"));
    }

    @Test
    void verify_claim_isPerKeyAndJti() {
        String first = claimOf(KEY.jws(header(KEY, ""), claims().text()));
        assertThat(claimOf(KEY.jws(header(KEY, ""), claims().iat("1795512001").text())))
                .isEqualTo(first);
        assertThat(claimOf(KEY.jws(header(KEY, ""), claims().jti("\"other\"").text())))
                .isNotEqualTo(first);
        assertThat(claimOf(ED.jws(header(ED, ""), claims().text()))).isNotEqualTo(first);
    }

    @Test
    void verify_withoutToken_needsNoAth() {
        String proof = KEY.jws(header(KEY, ""), claims().ath(null).text());
        assertThat(verifier.verify(new DpopVerifier.Request(proof, "GET", TARGET, null, null), NOW))
                .isInstanceOf(Accepted.class);
        assertRejected(verify(proof, null), "ath");
    }

    @Test
    void verify_anotherKeyThanTheTokens_isRejected() {
        String proof = KEY.jws(header(KEY, ""), claims().text());
        assertRejected(verify(proof, ED.parsed().thumbprint()), "another key");
    }

    static Stream<Arguments> badHeaders() {
        String jwk = "\"jwk\":" + KEY.jwk("");
        return Stream.of(
                Arguments.of("no typ", "{\"alg\":\"ES256\"," + jwk + "}"),
                Arguments.of("typ jwt", "{\"typ\":\"JWT\",\"alg\":\"ES256\"," + jwk + "}"),
                Arguments.of("typ of an AAT proof", "{\"typ\":\"aat-pop+jwt\",\"alg\":\"ES256\"," + jwk + "}"),
                Arguments.of("typ in capitals", "{\"typ\":\"DPOP+JWT\",\"alg\":\"ES256\"," + jwk + "}"),
                Arguments.of("alg none", "{\"typ\":\"dpop+jwt\",\"alg\":\"none\"," + jwk + "}"),
                Arguments.of("alg HS256", "{\"typ\":\"dpop+jwt\",\"alg\":\"HS256\"," + jwk + "}"),
                Arguments.of("alg RS256", "{\"typ\":\"dpop+jwt\",\"alg\":\"RS256\"," + jwk + "}"),
                Arguments.of("alg ES384", "{\"typ\":\"dpop+jwt\",\"alg\":\"ES384\"," + jwk + "}"),
                Arguments.of("alg of another key type", "{\"typ\":\"dpop+jwt\",\"alg\":\"EdDSA\"," + jwk + "}"),
                Arguments.of("alg absent", "{\"typ\":\"dpop+jwt\"," + jwk + "}"),
                Arguments.of("jwk absent", "{\"typ\":\"dpop+jwt\",\"alg\":\"ES256\"}"),
                Arguments.of("jwk text", "{\"typ\":\"dpop+jwt\",\"alg\":\"ES256\",\"jwk\":\"x\"}"),
                Arguments.of("jku instead", "{\"typ\":\"dpop+jwt\",\"alg\":\"ES256\",\"jku\":\"https://a\"}"),
                Arguments.of(
                        "private jwk",
                        "{\"typ\":\"dpop+jwt\",\"alg\":\"ES256\",\"jwk\":" + KEY.jwk(",\"d\":\"AAAA\"") + "}"),
                Arguments.of(
                        "symmetric jwk",
                        "{\"typ\":\"dpop+jwt\",\"alg\":\"HS256\",\"jwk\":{\"kty\":\"oct\",\"k\":\"AAAA\"}}"),
                Arguments.of(
                        "jwk alg of another",
                        "{\"typ\":\"dpop+jwt\",\"alg\":\"ES256\",\"jwk\":" + KEY.jwk(",\"alg\":\"ES384\"") + "}"),
                Arguments.of("unknown crit", header(KEY, ",\"crit\":[\"x\"],\"x\":1")),
                Arguments.of("empty crit", header(KEY, ",\"crit\":[]")),
                Arguments.of("b64 false", header(KEY, ",\"b64\":false,\"crit\":[\"b64\"]")),
                Arguments.of("b64 false without crit", header(KEY, ",\"b64\":false")),
                Arguments.of("duplicate alg", header(KEY, ",\"alg\":\"ES256\"")),
                Arguments.of("not an object", "[]"),
                Arguments.of("not JSON", "{"),
                Arguments.of("text behind", header(KEY, "") + "x"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badHeaders")
    void verify_badHeader_isRejected(String name, String header) {
        assertRejected(verify(KEY.jws(header, claims().text()), null), "header");
    }

    @Test
    void verify_hs256WithThePublicKey_isRejected() throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(KEY.pair().getPublic().getEncoded(), "HmacSHA256"));
        String input =
                TestKeys.base64(header(KEY, "").replace("ES256", "HS256")) + "." + TestKeys.base64(claims().text());
        String proof = input + "." + TestKeys.base64(mac.doFinal(input.getBytes(StandardCharsets.US_ASCII)));
        assertRejected(verify(proof, null), "header");
    }

    static Stream<Arguments> badClaims() {
        return Stream.of(
                Arguments.of("jti absent", claims().jti(null), "jti"),
                Arguments.of("jti empty", claims().jti("\"\""), "jti"),
                Arguments.of("jti number", claims().jti("7"), "jti"),
                Arguments.of("jti of 129", claims().jti("\"" + "a".repeat(129) + "\""), "jti"),
                Arguments.of("htm absent", claims().htm(null), "htm"),
                Arguments.of("htm other", claims().htm("\"POST\""), "htm"),
                Arguments.of("htm lower case", claims().htm("\"get\""), "htm"),
                Arguments.of("htu absent", claims().htu(null), "htu"),
                Arguments.of("htu array", claims().htu("[\"" + TARGET + "\"]"), "htu"),
                Arguments.of("htu other path", claims().htu("\"" + TARGET + "y\""), "htu"),
                Arguments.of("htu trailing slash", claims().htu("\"" + TARGET + "/\""), "htu"),
                Arguments.of(
                        "htu path in capitals", claims().htu("\"" + TARGET.replace("vault", "VAULT") + "\""), "htu"),
                Arguments.of("htu other host", claims().htu("\"" + TARGET.replace("gateway", "evil") + "\""), "htu"),
                Arguments.of("htu http", claims().htu("\"" + TARGET.replace("https", "http") + "\""), "htu"),
                Arguments.of("htu other port", claims().htu("\"" + TARGET.replace(".org", ".org:8443") + "\""), "htu"),
                Arguments.of("htu relative", claims().htu("\"/vault/v1/secret/data/x\""), "htu"),
                Arguments.of("htu with user", claims().htu("\"" + TARGET.replace("//", "//a@") + "\""), "htu"),
                Arguments.of("ath absent", claims().ath(null), "ath"),
                Arguments.of("ath other", claims().ath("\"" + Sha256.base64UrlOf("other") + "\""), "ath"),
                Arguments.of("ath padded", claims().ath("\"" + ATH + "=\""), "ath"),
                Arguments.of("iat absent", claims().iat(null), "iat"),
                Arguments.of("iat text", claims().iat("\"1795512000\""), "iat"),
                Arguments.of("iat too old", claims().iat("1795511969"), "window"),
                Arguments.of("iat too new", claims().iat("1795512031"), "window"),
                Arguments.of("iat a little too new", claims().iat("1795512030.5"), "window"),
                Arguments.of("iat negative", claims().iat("-1"), "iat"),
                Arguments.of("iat huge", claims().iat("9223372036854775807"), "iat"),
                Arguments.of("iat infinite", claims().iat("1e999"), "iat"),
                Arguments.of("tool number", claims().with("\"aat_tool\":1"), "aat_tool"),
                Arguments.of("hta text", claims().with("\"hta\":\"{}\""), "hta"),
                Arguments.of("hta null", claims().with("\"hta\":null"), "hta"),
                Arguments.of("duplicate htm", claims().with("\"htm\":\"GET\""), "payload"),
                Arguments.of("duplicate deep", claims().with("\"hta\":{\"a\":1,\"a\":1}"), "payload"),
                Arguments.of("lone surrogate", claims().jti("\"\\ud800\""), "payload"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badClaims")
    void verify_badClaim_isRejected(String name, Claims claims, String word) {
        assertRejected(verify(KEY.jws(header(KEY, ""), claims.text()), null), word);
    }

    @ParameterizedTest
    @CsvSource({"1795511970", "1795512030", "1795512000.25", "1.795512e9"})
    void verify_iatAtTheEdgeOfTheWindow_isProven(String iat) {
        assertThat(verify(KEY.jws(header(KEY, ""), claims().iat(iat).text()), null))
                .isInstanceOf(Accepted.class);
    }

    @ParameterizedTest
    @CsvSource({
        "HTTPS://GATEWAY.example.ORG/vault/v1/secret/data/x",
        "https://gateway.example.org:443/vault/v1/secret/data/x",
        "https://gateway.example.org/vault/v1/secret/data/x?version=2",
        "https://gateway.example.org/vault/v1/secret/data/x#top",
        "https://gateway.example.org/vault/%761/secret/data/x",
        "https://gateway.example.org/vault/v1/./secret/y/../data/x",
    })
    void verify_htuOfTheSameNormalForm_isProven(String htu) {
        assertThat(verify(
                        KEY.jws(header(KEY, ""), claims().htu("\"" + htu + "\"").text()), null))
                .isInstanceOf(Accepted.class);
    }

    @Test
    void verify_jtiOf128_isProven() {
        String text = claims().jti("\"" + "a".repeat(128) + "\"").text();
        assertThat(verify(KEY.jws(header(KEY, ""), text), null)).isInstanceOf(Accepted.class);
    }

    @ParameterizedTest
    @CsvSource({
        "''",
        "a",
        "a.b",
        "a.b.",
        ".b.c",
        "a..c",
        "a.b.c.d",
        "a.b.c d",
        "é.b.AAAA",
        "ł.b.AAAA",
        "\ud83d\ude00.b.AAAA",
        "a.b.\ud83d\ude00AAA"
    })
    void verify_notACompactJws_isRejected(String proof) {
        assertThat(verify(proof, null)).isInstanceOf(Refused.class);
    }

    @Test
    void verify_signatureOfAnother_isRejectedWarmAndCold() {
        String good = KEY.jws(header(KEY, ""), claims().text());
        String forged = TestKeys.of(JwsAlgorithm.ES256).jws(header(KEY, ""), claims().text());
        assertRejected(verify(forged, null), "signature");
        assertThat(verify(good, null)).isInstanceOf(Accepted.class);
        assertRejected(verify(forged, null), "signature");
        String zero = good.substring(0, good.lastIndexOf('.') + 1) + TestKeys.base64(new byte[64]);
        assertRejected(verify(zero, null), "signature");
        assertThat(verify(good + "=", null)).isInstanceOf(Refused.class);
    }

    @Test
    void verify_tooLong_isRejected() {
        String text = claims().with("\"x\":\"" + "a".repeat(DpopVerifier.MAX_LENGTH) + "\"")
                .text();
        assertRejected(verify(KEY.jws(header(KEY, ""), text), null), "compact");
    }

    @Test
    void verify_nonceNeeded_asksForOneAndTakesItOnAnyReplica() {
        byte[] secret = new byte[32];
        DpopNonces here = new DpopNonces(secret, Duration.ofMinutes(1));
        DpopNonces there = new DpopNonces(secret, Duration.ofMinutes(1));
        DpopVerifier demanding = new DpopVerifier(Duration.ofSeconds(30), here);
        assertThat(((Refused) verify(demanding, KEY.jws(header(KEY, ""), claims().text()))).useNonce())
                .isTrue();
        String other = new DpopNonces(
                        "another secret of ours".getBytes(StandardCharsets.US_ASCII), Duration.ofMinutes(1))
                .current(NOW);
        for (String bad : new String[] {"", "x", other, there.current(NOW - 121_000), there.current(NOW + 121_000)}) {
            String text = claims().with("\"nonce\":\"" + bad + "\"").text();
            assertThat(((Refused) verify(demanding, KEY.jws(header(KEY, ""), text))).useNonce())
                    .isTrue();
        }
        for (long at : new long[] {NOW, NOW - 59_000, NOW + 59_000}) {
            String text =
                    claims().with("\"nonce\":\"" + there.current(at) + "\"").text();
            assertThat(verify(demanding, KEY.jws(header(KEY, ""), text))).isInstanceOf(Accepted.class);
        }
        String late = claims().with("\"nonce\":\"" + here.current(NOW) + "\"")
                .iat("1795511900")
                .text();
        assertThat(((Refused) verify(demanding, KEY.jws(header(KEY, ""), late))).useNonce())
                .isFalse();
    }

    private DpopVerifier.Result verify(String proof, @Nullable KeyThumbprint expected) {
        return verifier.verify(new DpopVerifier.Request(proof, "GET", TARGET, ATH, expected), NOW);
    }

    private static DpopVerifier.Result verify(DpopVerifier verifier, String proof) {
        return verifier.verify(new DpopVerifier.Request(proof, "GET", TARGET, ATH, null), NOW);
    }

    private String claimOf(String proof) {
        return ((Accepted) verify(proof, null)).claim().hash();
    }

    private static void assertRejected(DpopVerifier.Result result, String word) {
        assertThat(result).isInstanceOfSatisfying(Refused.class, rejected -> {
            assertThat(rejected.reason()).contains(word);
            assertThat(rejected.useNonce()).isFalse();
        });
    }

    private static String header(TestKey key, String more) {
        return "{\"typ\":\"dpop+jwt\",\"alg\":\"" + key.algorithm().id() + "\",\"jwk\":" + key.jwk("") + more + "}";
    }

    private static Claims claims() {
        return new Claims("\"j1\"", "\"GET\"", "\"" + TARGET + "\"", "1795512000", "\"" + ATH + "\"", "");
    }

    /** A good claim set that each test breaks in one place; a null claim is left out. */
    private record Claims(
            @Nullable String jti,
            @Nullable String htm,
            @Nullable String htu,
            @Nullable String iat,
            @Nullable String ath,
            String more) {
        Claims jti(@Nullable String value) {
            return new Claims(value, htm, htu, iat, ath, more);
        }

        Claims htm(@Nullable String value) {
            return new Claims(jti, value, htu, iat, ath, more);
        }

        Claims htu(@Nullable String value) {
            return new Claims(jti, htm, value, iat, ath, more);
        }

        Claims iat(@Nullable String value) {
            return new Claims(jti, htm, htu, value, ath, more);
        }

        Claims ath(@Nullable String value) {
            return new Claims(jti, htm, htu, iat, value, more);
        }

        Claims with(String members) {
            return new Claims(jti, htm, htu, iat, ath, "," + members);
        }

        String text() {
            StringBuilder text = new StringBuilder("{\"x\":true");
            member(text, "jti", jti);
            member(text, "htm", htm);
            member(text, "htu", htu);
            member(text, "iat", iat);
            member(text, "ath", ath);
            return text.append(more).append('}').toString();
        }

        private static void member(StringBuilder text, String name, @Nullable String value) {
            if (value != null) {
                text.append(",\"").append(name).append("\":").append(value);
            }
        }
    }
}
