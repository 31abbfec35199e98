package dev.errand.holder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.errand.jose.KeyAlgorithm;
import dev.errand.jose.PublicJwk;
import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonObject;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HolderCertificateTest {
    private static final Instant NOW = Instant.parse("2026-12-01T10:00:00Z");

    @TempDir
    private Path directory;

    private static JsonObject object(String text) {
        try {
            return Json.parseObject(text.getBytes(StandardCharsets.UTF_8));
        } catch (Json.MalformedJsonException e) {
            throw new AssertionError(e);
        }
    }

    private static String token(String claims) {
        return AgentKey.generate().sign(object("{\"typ\":\"aat+jwt\",\"alg\":\"Ed25519\"}"), object(claims));
    }

    private static String token(AgentKey holder) {
        return token("{\"iat\":" + NOW.getEpochSecond() + ",\"exp\":"
                + NOW.plusSeconds(900).getEpochSecond() + ",\"cnf\":{\"jwk\":" + Jcs.canonical(holder.publicJwk())
                + "}}");
    }

    private static byte[] part(String pem, String what) {
        String begin = "-----BEGIN " + what + "-----\n";
        int from = pem.indexOf(begin) + begin.length();
        return Base64.getMimeDecoder().decode(pem.substring(from, pem.indexOf("-----END " + what, from)));
    }

    @ParameterizedTest
    @EnumSource
    void file_hasACertificateOfTheKey_andTheKey(KeyAlgorithm algorithm) throws Exception {
        AgentKey holder = AgentKey.generate(algorithm);
        Path file = Files.writeString(directory.resolve("task.pem"), "of an earlier task");

        HolderCertificate.write(file, holder, token(holder));

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(directory).isDirectoryNotContaining("glob:**.certificate-*");
        String pem = Files.readString(file);
        X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(part(pem, "CERTIFICATE")));
        assertThat(certificate.getNotBefore().toInstant()).isEqualTo(NOW);
        assertThat(certificate.getNotAfter().toInstant()).isEqualTo(NOW.plusSeconds(900));
        assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
        assertThat(certificate.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
        assertThat(certificate.getSerialNumber().signum()).isEqualTo(1);
        certificate.verify(certificate.getPublicKey());
        assertThat(certificate.getPublicKey().getEncoded())
                .isEqualTo(
                        PublicJwk.parse(holder.publicJwk()).orElseThrow().key().getEncoded());
        assertThat(signs(part(pem, "PRIVATE KEY"), certificate)).isTrue();
    }

    private static boolean signs(byte[] pkcs8, X509Certificate certificate) throws Exception {
        boolean elliptic = certificate.getPublicKey().getAlgorithm().equals("EC");
        PrivateKey key =
                KeyFactory.getInstance(elliptic ? "EC" : "Ed25519").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        Signature signature = Signature.getInstance(elliptic ? "SHA256withECDSA" : "Ed25519");
        signature.initSign(key);
        signature.update(pkcs8);
        byte[] signed = signature.sign();
        signature.initVerify(certificate);
        signature.update(pkcs8);
        return signature.verify(signed);
    }

    @Test
    void tokenOfAnotherKey_orOfNone_getsNoCertificate() {
        AgentKey holder = AgentKey.generate();
        Path file = directory.resolve("task.pem");
        String jwk = Jcs.canonical(holder.publicJwk());
        for (String other : new String[] {
            token(AgentKey.generate()),
            token("{\"iat\":1,\"exp\":2}"),
            token("{\"iat\":1,\"exp\":2,\"cnf\":{\"jkt\":\"x\"}}"),
            token("{\"iat\":1,\"exp\":2,\"cnf\":{\"jwk\":{\"kty\":\"OKP\"}}}"),
            token("{\"iat\":1,\"cnf\":{\"jwk\":" + jwk + "}}"),
            token("{\"iat\":1,\"exp\":1.5,\"cnf\":{\"jwk\":" + jwk + "}}"),
            "no token"
        }) {
            assertThatExceptionOfType(AgentException.class)
                    .isThrownBy(() -> HolderCertificate.write(file, holder, other));
        }
        assertThat(file).doesNotExist();
        assertThatExceptionOfType(AgentException.class)
                .isThrownBy(() -> HolderCertificate.write(directory.resolve("none/task.pem"), holder, token(holder)))
                .withMessageContaining("cannot be written");
    }
}
