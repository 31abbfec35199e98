package dev.errand.jose.spiffe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.jose.JwsAlgorithm;
import dev.errand.jose.TestKeys;
import dev.errand.jose.TestKeys.TestKey;
import dev.errand.jose.source.FileDocument;
import dev.errand.jose.source.LiveDocument;
import dev.errand.jose.source.LiveDocument.MalformedDocumentException;
import dev.errand.jose.spiffe.SvidResult.Attested;
import dev.errand.jose.spiffe.SvidResult.Rejected;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SvidVerifierTest {
    private static final long NOW = 1_795_512_000_000L;
    private static final String ID = "spiffe://example.org/agent/release-bot";
    private static final String AUDIENCE = "https://gateway.example.org/vault";
    private static final TestKey JWT = TestKeys.of(JwsAlgorithm.ES256, "j1");
    private static final TestKey OTHER = TestKeys.of(JwsAlgorithm.ES256, "j1");
    private static final KeyPair CA = TestKeys.of(JwsAlgorithm.ES256).pair();
    private static final KeyPair LEAF = TestKeys.of(JwsAlgorithm.ES256).pair();
    private static final X509Certificate ROOT = new Cert().ca(CA);
    private static final int SIGN = KeyUsage.digitalSignature;

    @TempDir
    static Path folder;

    private TrustBundles bundles;
    private SvidVerifier verifier;

    @BeforeEach
    void open() throws Exception {
        X509Certificate otherRoot = new Cert().ca(OTHER.pair());
        bundles = new TrustBundles(Map.of(
                "example.org", file("a.json", "example.org", bundle(JWT, ROOT)),
                "other.org", file("b.json", "other.org", bundle(OTHER, otherRoot))));
        verifier = new SvidVerifier(bundles, Duration.ofHours(1), Duration.ofSeconds(10));
    }

    @AfterEach
    void close() {
        bundles.close();
    }

    @Test
    void verifyJwt_goodSvid_isAttestedAgainAndAgain() {
        String token = jwt("", claims(""));
        for (int i = 0; i < 2; i++) {
            Attested attested = (Attested) verifier.verifyJwt(token, AUDIENCE, NOW);
            assertThat(attested.id()).hasToString(ID);
            assertThat(attested.expiresAtMillis()).isEqualTo(1_795_512_300_000L);
        }
        assertThat(verifier.verifyJwt(token, AUDIENCE, NOW + 311_000)).isEqualTo(new Rejected("expired"));
        assertThat(verifier.verifyJwt(token, AUDIENCE + "2", NOW)).isInstanceOf(Rejected.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {",\"typ\":\"JWT\"", ",\"typ\":\"JOSE\"", ",\"kid\":\"j1\""})
    void verifyJwt_allowedHeaders_areAttested(String header) {
        assertThat(verifier.verifyJwt(jwt(header, claims("")), AUDIENCE, NOW)).isInstanceOf(Attested.class);
    }

    static Stream<Arguments> badJwts() {
        return Stream.of(
                Arguments.of("typ other", jwt(",\"typ\":\"aat+jwt\"", claims(""))),
                Arguments.of("typ lower case", jwt(",\"typ\":\"jwt\"", claims(""))),
                Arguments.of("crit", jwt(",\"crit\":[\"x\"]", claims(""))),
                Arguments.of("b64", jwt(",\"b64\":false", claims(""))),
                Arguments.of("kid unknown", jwt(",\"kid\":\"j2\"", claims(""))),
                Arguments.of("alg none", JWT.jws("{\"alg\":\"none\"}", claims(""))),
                Arguments.of("alg HS256", JWT.jws("{\"alg\":\"HS256\"}", claims(""))),
                Arguments.of("alg EdDSA", TestKeys.of(JwsAlgorithm.EDDSA).jws("{\"alg\":\"EdDSA\"}", claims(""))),
                Arguments.of("another domain's key", OTHER.jws("{\"alg\":\"ES256\"}", claims(""))),
                Arguments.of("another domain's ID", jwt("", with(ID, "spiffe://other.org/agent/release-bot"))),
                Arguments.of("unknown domain", jwt("", with(ID, "spiffe://third.org/agent/release-bot"))),
                Arguments.of("no path", jwt("", with(ID, "spiffe://example.org"))),
                Arguments.of("trailing slash", jwt("", with(ID, ID + "/"))),
                Arguments.of("percent", jwt("", with(ID, "spiffe://example.org/agent/%72elease-bot"))),
                Arguments.of("dot segment", jwt("", with(ID, "spiffe://example.org/agent/../release-bot"))),
                Arguments.of("domain in capitals", jwt("", with(ID, "spiffe://Example.org/agent/release-bot"))),
                Arguments.of("two audiences", jwt("", with("\"" + AUDIENCE + "\"", "[\"" + AUDIENCE + "\",\"b\"]"))),
                Arguments.of("audience with a slash", jwt("", with(AUDIENCE, AUDIENCE + "/"))),
                Arguments.of("no audience", jwt("", with("\"aud\"", "\"aux\""))),
                Arguments.of("no exp", jwt("", with("\"exp\"", "\"exq\""))),
                Arguments.of("expired", jwt("", with("1795512300", "1795511990"))),
                Arguments.of("too long-lived", jwt("", with("1795512300", "1795515601"))),
                Arguments.of("nbf ahead", jwt("", claims(",\"nbf\":1795512011"))),
                Arguments.of("duplicate sub", jwt("", claims(",\"sub\":\"" + ID + "\""))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badJwts")
    void verifyJwt_badSvid_isRejected(String name, String token) {
        assertThat(verifier.verifyJwt(token, AUDIENCE, NOW)).isInstanceOf(Rejected.class);
    }

    @Test
    void verifyX509_goodSvid_isAttestedUnderTheCurrentBundleOnly() throws Exception {
        List<X509Certificate> chain = List.of(new Cert().leaf());
        for (int i = 0; i < 2; i++) {
            assertThat(verifier.verifyX509(chain, NOW))
                    .isInstanceOfSatisfying(
                            Attested.class, a -> assertThat(a.id()).hasToString(ID));
        }
        Files.writeString(folder.resolve("a.json"), bundle(OTHER));
        for (int i = 0; i < 200 && verifier.verifyX509(chain, NOW) instanceof Attested; i++) {
            Thread.sleep(20);
        }
        assertThat(verifier.verifyX509(chain, NOW)).isInstanceOf(Rejected.class);
        assertThat(verifier.verifyJwt(jwt("", claims("")), AUDIENCE, NOW)).isInstanceOf(Rejected.class);
    }

    static Stream<Arguments> badCertificates() {
        return Stream.of(
                Arguments.of("two URI SANs", new Cert().uris(ID, ID + "2").leaf()),
                Arguments.of("no URI SAN", new Cert().uris().leaf()),
                Arguments.of("no path", new Cert().uris("spiffe://example.org").leaf()),
                Arguments.of("trailing slash", new Cert().uris(ID + "/").leaf()),
                Arguments.of("percent", new Cert().uris(ID + "%41").leaf()),
                Arguments.of(
                        "another trust domain",
                        new Cert().uris("spiffe://other.org/x").leaf()),
                Arguments.of("CA leaf", new Cert().isCa(true).leaf()),
                Arguments.of(
                        "keyCertSign",
                        new Cert().usage(SIGN | KeyUsage.keyCertSign).leaf()),
                Arguments.of(
                        "cRLSign", new Cert().usage(SIGN | KeyUsage.cRLSign).leaf()),
                Arguments.of(
                        "no digitalSignature",
                        new Cert().usage(KeyUsage.keyAgreement).leaf()),
                Arguments.of("no key usage", new Cert().usage(0).leaf()),
                Arguments.of(
                        "server only",
                        new Cert().purpose(KeyPurposeId.id_kp_serverAuth).leaf()),
                Arguments.of(
                        "expired", new Cert().times(NOW - 60_000, NOW - 20_000).leaf()),
                Arguments.of(
                        "not yet", new Cert().times(NOW + 20_000, NOW + 60_000).leaf()),
                Arguments.of(
                        "too long-lived",
                        new Cert().times(NOW - 1_000, NOW + 3_602_000).leaf()),
                Arguments.of("self-signed", new Cert().signer(LEAF).leaf()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badCertificates")
    void verifyX509_badSvid_isRejected(String name, X509Certificate leaf) {
        assertThat(verifier.verifyX509(List.of(leaf), NOW)).isInstanceOf(Rejected.class);
    }

    @Test
    void verifyX509_expiredAuthority_attestsNothing() throws Exception {
        X509Certificate old = new Cert().times(NOW - 100_000, NOW - 1_000).ca(CA);
        try (TrustBundles expired =
                new TrustBundles(Map.of("example.org", file("c.json", "example.org", bundle(JWT, old))))) {
            assertThat(new SvidVerifier(expired, Duration.ofHours(1), Duration.ZERO)
                            .verifyX509(List.of(new Cert().leaf()), NOW))
                    .isInstanceOf(Rejected.class);
        }
        assertThat(verifier.verifyX509(List.of(), NOW)).isInstanceOf(Rejected.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{}",
                "{\"keys\":1}",
                "{\"keys\":[{\"use\":\"jwt-svid\",\"kty\":\"EC\"}]}",
                "{\"keys\":[{\"use\":\"x509-svid\",\"kty\":\"EC\"}]}",
                "{\"keys\":[{\"use\":\"x509-svid\",\"kty\":\"EC\",\"x5c\":[\"AAAA\"]}]}",
                "{\"keys\":[],\"spiffe_sequence\":\"1\"}",
                "{\"keys\":[],\"spiffe_refresh_hint\":1.5}",
                "{\"keys\":[],\"keys\":[]}"
            })
    void parse_malformedBundle_isRefused(String text) {
        assertThatThrownBy(() -> TrustBundle.parse("example.org", text.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(MalformedDocumentException.class);
    }

    private static LiveDocument<TrustBundle> file(String name, String domain, String text) throws Exception {
        return new FileDocument<>(
                Files.writeString(folder.resolve(name), text), bytes -> TrustBundle.parse(domain, bytes));
    }

    private static String bundle(TestKey jwt, X509Certificate... roots) throws Exception {
        StringBuilder out = new StringBuilder("{\"spiffe_sequence\":1,\"spiffe_refresh_hint\":60,\"keys\":[");
        out.append(jwt.jwk(",\"use\":\"jwt-svid\",\"kid\":\"j1\"")).append(",{\"use\":\"strange\",\"kty\":\"EC\"}");
        for (X509Certificate root : roots) {
            out.append(",{\"kty\":\"EC\",\"use\":\"x509-svid\",\"x5c\":[\"")
                    .append(Base64.getEncoder().encodeToString(root.getEncoded()))
                    .append("\"]}");
        }
        return out.append("]}").toString();
    }

    private static String jwt(String header, String claims) {
        return JWT.jws("{\"alg\":\"ES256\"" + header + "}", claims);
    }

    private static String claims(String more) {
        return "{\"sub\":\"" + ID + "\",\"aud\":\"" + AUDIENCE + "\",\"exp\":1795512300" + more + "}";
    }

    private static String with(String from, String to) {
        assertThat(claims("")).contains(from);
        return claims("").replace(from, to);
    }

    /** A good certificate that each test breaks in one place. */
    private static final class Cert {
        private String[] uris = {ID};
        private boolean isCa;
        private int usage = SIGN;
        private KeyPurposeId purpose = KeyPurposeId.id_kp_clientAuth;
        private long from = NOW - 60_000;
        private long to = NOW + 600_000;
        private KeyPair signer = CA;

        Cert uris(String... values) {
            uris = values;
            return this;
        }

        Cert isCa(boolean value) {
            isCa = value;
            return this;
        }

        Cert usage(int value) {
            usage = value;
            return this;
        }

        Cert purpose(KeyPurposeId value) {
            purpose = value;
            return this;
        }

        Cert times(long notBefore, long notAfter) {
            from = notBefore;
            to = notAfter;
            return this;
        }

        Cert signer(KeyPair value) {
            signer = value;
            return this;
        }

        X509Certificate ca(KeyPair key) {
            uris = new String[] {"spiffe://example.org"};
            isCa = true;
            usage = KeyUsage.keyCertSign | KeyUsage.cRLSign;
            signer = key;
            return build(key, "CN=root");
        }

        X509Certificate leaf() {
            return build(LEAF, "CN=leaf");
        }

        private X509Certificate build(KeyPair key, String subject) {
            try {
                JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                        new X500Name("CN=root"),
                        BigInteger.ONE,
                        new Date(from),
                        new Date(to),
                        new X500Name(subject),
                        key.getPublic());
                if (uris.length > 0) {
                    builder.addExtension(
                            Extension.subjectAlternativeName,
                            false,
                            new GeneralNames(Arrays.stream(uris)
                                    .map(uri -> new GeneralName(GeneralName.uniformResourceIdentifier, uri))
                                    .toArray(GeneralName[]::new)));
                }
                builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(isCa));
                if (usage != 0) {
                    builder.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
                }
                if (subject.equals("CN=leaf")) {
                    builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
                }
                return new JcaX509CertificateConverter()
                        .getCertificate(builder.build(
                                new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate())));
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
    }
}
