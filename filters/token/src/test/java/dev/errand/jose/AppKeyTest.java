package dev.errand.jose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.Base64Url;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.RSAPrivateCrtKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AppKeyTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000);
    private static final KeyPair RSA = TestRsa.pair();

    private static KeyPair pair(String algorithm, int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] pem(String label, byte[] der) {
        return ("-----BEGIN " + label + "-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + label
                        + "-----\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** PKCS #8 has PKCS #1 behind 26 bytes for keys of 2,048 bits and more. */
    private static byte[] pkcs1(KeyPair pair) {
        byte[] der = pair.getPrivate().getEncoded();
        return Arrays.copyOfRange(der, 26, der.length);
    }

    private static void signs(AppKey key, KeyPair pair) throws Exception {
        String[] parts = key.jwt("12345", NOW).split("\\.");
        Signature signature = Signature.getInstance("SHA256withRSA");
        signature.initVerify(pair.getPublic());
        signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
        assertThat(signature.verify(Base64Url.decode(parts[2]))).isTrue();
        JsonObject header = Json.parseObject(Base64Url.decode(parts[0]));
        assertThat(header.string("alg")).isEqualTo("RS256");
        assertThat(header.string("typ")).isEqualTo("JWT");
        JsonObject claims = Json.parseObject(Base64Url.decode(parts[1]));
        assertThat(claims.string("iss")).isEqualTo("12345");
        assertThat(claims.members()).containsOnlyKeys("iss", "iat", "exp");
        assertThat(new String(Base64Url.decode(parts[1]), StandardCharsets.UTF_8))
                .contains("\"iat\":1799999940", "\"exp\":1800000540");
    }

    /** A key of 3,482 bits of two known primes, which takes no time to find. */
    private static KeyPair longer() throws Exception {
        BigInteger one = BigInteger.ONE;
        BigInteger p = one.shiftLeft(2203).subtract(one);
        BigInteger q = one.shiftLeft(1279).subtract(one);
        BigInteger e = BigInteger.valueOf(65_537);
        BigInteger d = e.modInverse(p.subtract(one).multiply(q.subtract(one)));
        BigInteger n = p.multiply(q);
        KeyFactory rsa = KeyFactory.getInstance("RSA");
        return new KeyPair(
                rsa.generatePublic(new RSAPublicKeySpec(n, e)),
                rsa.generatePrivate(new RSAPrivateCrtKeySpec(
                        n, e, d, p, q, d.mod(p.subtract(one)), d.mod(q.subtract(one)), q.modInverse(p))));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void parse_bothFormsOfAKey_signRs256(boolean longer) throws Exception {
        KeyPair pair = longer ? longer() : RSA;
        signs(AppKey.parse(pem("RSA PRIVATE KEY", pkcs1(pair))), pair);
        signs(AppKey.parse(pem("PRIVATE KEY", pair.getPrivate().getEncoded())), pair);
    }

    @Test
    void toString_hasNoKey() {
        assertThat(AppKey.parse(pem("RSA PRIVATE KEY", pkcs1(RSA)))).hasToString("***");
    }

    private static void refused(byte[] pem, String why) {
        assertThatThrownBy(() -> AppKey.parse(pem))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(why);
    }

    @Test
    void parse_anythingElse_isRefused() {
        String none = "holds no RSA private key in PEM";
        byte[] good = pem("RSA PRIVATE KEY", pkcs1(RSA));
        refused(new byte[0], none);
        refused("the key".getBytes(StandardCharsets.US_ASCII), none);
        refused(pem("PUBLIC KEY", RSA.getPublic().getEncoded()), none);
        refused(pem("EC PRIVATE KEY", pair("EC", 256).getPrivate().getEncoded()), none);
        refused(pem("PRIVATE KEY", pair("EC", 256).getPrivate().getEncoded()), none);
        refused(pem("RSA PRIVATE KEY", RSA.getPrivate().getEncoded()), none);
        refused(pem("RSA PRIVATE KEY", Arrays.copyOf(pkcs1(RSA), 200)), none);
        refused((new String(good, StandardCharsets.US_ASCII).repeat(2)).getBytes(StandardCharsets.US_ASCII), none);
        refused(
                pem("PRIVATE KEY", pair("RSA", 1024).getPrivate().getEncoded()),
                "holds an RSA key of fewer than 2048 bits");
    }
}
