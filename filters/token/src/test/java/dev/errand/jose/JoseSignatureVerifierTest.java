package dev.errand.jose;

import static dev.errand.jose.TestKeys.base64;
import static dev.errand.jose.TestKeys.object;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.jose.TestKeys.TestKey;
import dev.errand.token.HolderKey;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class JoseSignatureVerifierTest {
    private static final byte[] INPUT = "header.payload".getBytes(StandardCharsets.US_ASCII);
    private static final BigInteger N256 =
            new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);
    private static final BigInteger ED_ORDER =
            BigInteger.ONE.shiftLeft(252).add(new BigInteger("27742317777372353535851937790883648493"));

    private final JoseSignatureVerifier verifier = new JoseSignatureVerifier();

    @Test
    void name_saysWhichProvider() {
        assertThat(CryptoProvider.name()).isNotBlank();
    }

    @ParameterizedTest
    @EnumSource(names = {"ED25519", "EDDSA", "ES256"})
    void verify_ownSignature_holdsAndOnlyForThatInput(JwsAlgorithm algorithm) {
        TestKey key = TestKeys.of(algorithm);
        HolderKey holder = verifier.parsePublicKey(key.jwk()).orElseThrow();
        byte[] signature = key.sign(INPUT);
        assertThat(verifier.verify(algorithm.id(), holder, INPUT, signature)).isTrue();
        assertThat(verifier.verify(
                        algorithm.id(), holder, "header.paylord".getBytes(StandardCharsets.US_ASCII), signature))
                .isFalse();
        signature[10] ^= 1;
        assertThat(verifier.verify(algorithm.id(), holder, INPUT, signature)).isFalse();
        assertThat(verifier.verify(algorithm.id(), holder, INPUT, new byte[0])).isFalse();
        assertThat(verifier.verify(algorithm.id(), holder, INPUT, new byte[65])).isFalse();
    }

    @ParameterizedTest
    @EnumSource(JwsAlgorithm.class)
    void verify_everyAlgorithm_holdsForItsKeyOnly(JwsAlgorithm algorithm) {
        TestKey key = TestKeys.of(algorithm);
        byte[] signature = key.sign(INPUT);
        assertThat(algorithm.verify(key.parsed().key(), INPUT, signature)).isTrue();
        assertThat(algorithm.verify(TestKeys.of(algorithm).parsed().key(), INPUT, signature))
                .isFalse();
        for (JwsAlgorithm other : JwsAlgorithm.values()) {
            if (other.keyType() != algorithm.keyType()) {
                assertThat(other.verify(key.parsed().key(), INPUT, signature))
                        .as("%s", other)
                        .isFalse();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "HS256", "ES384", "RS256", "es256", "ed25519", "ES256K", "", "Ed448"})
    void verify_algorithmOffTheHoldersList_isFalse(String algorithm) {
        TestKey key = TestKeys.of(JwsAlgorithm.ES256);
        HolderKey holder = verifier.parsePublicKey(key.jwk()).orElseThrow();
        assertThat(verifier.verify(algorithm, holder, INPUT, key.sign(INPUT))).isFalse();
    }

    @Test
    void verify_algorithmOfAnotherKeyType_isFalse() {
        TestKey ec = TestKeys.of(JwsAlgorithm.ES256);
        TestKey ed = TestKeys.of(JwsAlgorithm.ED25519);
        assertThat(verifier.verify("Ed25519", verifier.parsePublicKey(ec.jwk()).orElseThrow(), INPUT, ed.sign(INPUT)))
                .isFalse();
        assertThat(verifier.verify("ES256", verifier.parsePublicKey(ed.jwk()).orElseThrow(), INPUT, ec.sign(INPUT)))
                .isFalse();
    }

    @Test
    void verify_es256OutOfRange_isFalse() {
        TestKey key = TestKeys.of(JwsAlgorithm.ES256);
        HolderKey holder = verifier.parsePublicKey(key.jwk()).orElseThrow();
        byte[] good = key.sign(INPUT);
        byte[] r = java.util.Arrays.copyOfRange(good, 0, 32);
        byte[] s = java.util.Arrays.copyOfRange(good, 32, 64);
        byte[] zero = new byte[32];
        byte[] order = TestKeys.unsigned(N256, 32);
        assertThat(verifier.verify("ES256", holder, INPUT, join(r, s))).isTrue();
        for (byte[] bad : List.of(
                join(zero, zero), join(zero, s), join(r, zero), join(order, s), join(r, order), join(order, order))) {
            assertThat(verifier.verify("ES256", holder, INPUT, bad)).isFalse();
        }
        assertThat(verifier.verify("ES256", holder, INPUT, derOf(r, s))).isFalse();
    }

    @Test
    void verify_ed25519MalleatedS_isFalse() {
        TestKey key = TestKeys.of(JwsAlgorithm.ED25519);
        HolderKey holder = verifier.parsePublicKey(key.jwk()).orElseThrow();
        byte[] good = key.sign(INPUT);
        byte[] s = new byte[32];
        for (int i = 0; i < 32; i++) {
            s[i] = good[63 - i];
        }
        byte[] sum = TestKeys.unsigned(new BigInteger(1, s).add(ED_ORDER), 32);
        byte[] malleated = good.clone();
        for (int i = 0; i < 32; i++) {
            malleated[63 - i] = sum[i];
        }
        assertThat(verifier.verify("Ed25519", holder, INPUT, good)).isTrue();
        assertThat(verifier.verify("Ed25519", holder, INPUT, malleated)).isFalse();
    }

    @Test
    void verify_manyThreads_keepTheirInstancesApart() throws Exception {
        TestKey key = TestKeys.of(JwsAlgorithm.ES256);
        HolderKey holder = verifier.parsePublicKey(key.jwk()).orElseThrow();
        byte[] signature = key.sign(INPUT);
        var pool = Executors.newFixedThreadPool(4);
        try {
            Callable<Boolean> loop = () -> {
                for (int i = 0; i < 200; i++) {
                    boolean good = verifier.verify("ES256", holder, INPUT, signature);
                    boolean bad = verifier.verify("ES256", holder, new byte[] {(byte) i}, signature);
                    if (!good || bad) {
                        return false;
                    }
                }
                return true;
            };
            for (var result : pool.invokeAll(List.of(loop, loop, loop, loop))) {
                assertThat(result.get()).isTrue();
            }
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void parsePublicKey_thumbprint_isTheStandardsOwn() {
        // RFC 8037 appendix A.3
        HolderKey key = verifier.parsePublicKey(object(
                        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}"))
                .orElseThrow();
        assertThat(key.thumbprint().value()).isEqualTo("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        // RFC 8037 appendix A.4
        byte[] signature = Base64.getUrlDecoder()
                .decode("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
        byte[] input = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc".getBytes(StandardCharsets.US_ASCII);
        assertThat(verifier.verify("EdDSA", key, input, signature)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
    void parsePublicKey_privateMember_isRefused(String member) {
        assertThat(verifier.parsePublicKey(
                        object(TestKeys.of(JwsAlgorithm.ED25519).jwk(",\"" + member + "\":\"AA\""))))
                .isEmpty();
        assertThat(verifier.parsePublicKey(
                        object(TestKeys.of(JwsAlgorithm.ES256).jwk(",\"" + member + "\":null"))))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"kty\":\"oct\",\"k\":\"AAAA\"}",
                "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
                "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"}",
                "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURp\"}",
                "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHUQ\"}",
                "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":12}",
                "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\",\"use\":\"enc\"}",
                "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\",\"alg\":\"ES256\"}",
                "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\",\"key_ops\":[\"sign\"]}",
                // not on the curve
                "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\",\"y\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\"}",
                "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\",\"y\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
            })
    void parsePublicKey_malformed_isRefused(String jwk) {
        assertThat(verifier.parsePublicKey(object(jwk))).isEmpty();
    }

    @Test
    void parsePublicKey_ecSpelledOtherwise_isRefused() {
        String good = TestKeys.of(JwsAlgorithm.ES256).jwk("");
        assertThat(verifier.parsePublicKey(object(good))).isPresent();
        assertThat(verifier.parsePublicKey(object(good.replace("P-256", "P-384"))))
                .isEmpty();
        assertThat(verifier.parsePublicKey(object(good.replace("P-256", "secp256k1"))))
                .isEmpty();
        assertThat(verifier.parsePublicKey(object(good.replace("\"y\":\"", "\"y\":\"AA"))))
                .isEmpty();
        assertThat(verifier.parsePublicKey(object(good.replace("\"y\":", "\"z\":"))))
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"ES384", "RS256"})
    void parsePublicKey_typeThatNoHolderMayUse_isRefused(JwsAlgorithm algorithm) {
        assertThat(verifier.parsePublicKey(TestKeys.of(algorithm).jwk())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0100000000000000000000000000000000000000000000000000000000000000",
                "0000000000000000000000000000000000000000000000000000000000000000",
                "0000000000000000000000000000000000000000000000000000000000000080",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
                "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
                // not canonical: p, p + 1, and the identity with a sign
                "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "0100000000000000000000000000000000000000000000000000000000000080",
            })
    void parsePublicKey_smallOrderOrNotCanonical_isRefused(String hex) {
        String x = base64(java.util.HexFormat.of().parseHex(hex));
        assertThat(verifier.parsePublicKey(object("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" + x + "\"}")))
                .isEmpty();
    }

    @Test
    void parsePublicKey_halfOfAllY_areOffTheCurve() {
        int on = 0;
        for (int y = 2; y < 102; y++) {
            byte[] encoded = new byte[32];
            encoded[0] = (byte) y;
            on += Ed25519Point.isAcceptableKey(encoded) ? 1 : 0;
        }
        assertThat(on).isBetween(30, 70);
        for (int i = 0; i < 50; i++) {
            assertThat(verifier.parsePublicKey(TestKeys.of(JwsAlgorithm.EDDSA).jwk()))
                    .isPresent();
        }
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] joined = java.util.Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, joined, first.length, second.length);
        return joined;
    }

    private static byte[] derOf(byte[] r, byte[] s) {
        byte[] first = new BigInteger(1, r).toByteArray();
        byte[] second = new BigInteger(1, s).toByteArray();
        byte[] body = join(
                join(new byte[] {2, (byte) first.length}, first), join(new byte[] {2, (byte) second.length}, second));
        return join(new byte[] {0x30, (byte) body.length}, body);
    }
}
