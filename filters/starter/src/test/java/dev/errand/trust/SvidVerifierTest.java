package dev.errand.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.denial.StartReason;
import dev.errand.jose.JwsAlgorithm;
import dev.errand.jose.TestCertificate;
import dev.errand.jose.TestKeys;
import dev.errand.jose.TestKeys.TestKey;
import dev.errand.trust.LiveDocument.MalformedDocumentException;
import dev.errand.trust.SvidResult.Accepted;
import dev.errand.trust.SvidResult.Refused;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
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
    private static final X509Certificate ROOT = TestCertificate.authority(NOW, CA, "example.org");
    private static final int SIGN = KeyUsage.digitalSignature;

    @TempDir
    static Path folder;

    private TrustBundles bundles;
    private SvidVerifier verifier;

    @BeforeEach
    void open() throws Exception {
        X509Certificate otherRoot = TestCertificate.authority(NOW, OTHER.pair(), "example.org");
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
            Accepted attested = (Accepted) verifier.verifyJwt(token, AUDIENCE, NOW);
            assertThat(attested.id()).hasToString(ID);
        }
        assertThat(verifier.verifyJwt(token, AUDIENCE, NOW + 311_000))
                .isEqualTo(new Refused(StartReason.SVID_EXPIRED, "expired"));
        assertThat(verifier.verifyJwt(token, AUDIENCE + "2", NOW)).isInstanceOf(Refused.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {",\"typ\":\"JWT\"", ",\"typ\":\"JOSE\"", ",\"kid\":\"j1\""})
    void verifyJwt_allowedHeaders_areAttested(String header) {
        assertThat(verifier.verifyJwt(jwt(header, claims("")), AUDIENCE, NOW)).isInstanceOf(Accepted.class);
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
        assertThat(verifier.verifyJwt(token, AUDIENCE, NOW)).isInstanceOf(Refused.class);
    }

    @Test
    void verifyX509_goodSvid_isAttestedUnderTheCurrentBundleOnly() throws Exception {
        List<X509Certificate> chain = List.of(cert().leaf(LEAF.getPublic()));
        for (int i = 0; i < 2; i++) {
            assertThat(verifier.verifyX509(chain, NOW))
                    .isInstanceOfSatisfying(
                            Accepted.class, a -> assertThat(a.id()).hasToString(ID));
        }
        Files.writeString(folder.resolve("a.json"), bundle(OTHER));
        for (int i = 0; i < 200 && verifier.verifyX509(chain, NOW) instanceof Accepted; i++) {
            Thread.sleep(20);
        }
        assertThat(verifier.verifyX509(chain, NOW)).isInstanceOf(Refused.class);
        assertThat(verifier.verifyJwt(jwt("", claims("")), AUDIENCE, NOW)).isInstanceOf(Refused.class);
    }

    static Stream<Arguments> badCertificates() {
        return Stream.of(
                Arguments.of("two URI SANs", cert().uris(ID, ID + "2").leaf(LEAF.getPublic())),
                Arguments.of("no URI SAN", cert().uris().leaf(LEAF.getPublic())),
                Arguments.of("no path", cert().uris("spiffe://example.org").leaf(LEAF.getPublic())),
                Arguments.of("trailing slash", cert().uris(ID + "/").leaf(LEAF.getPublic())),
                Arguments.of("percent", cert().uris(ID + "%41").leaf(LEAF.getPublic())),
                Arguments.of(
                        "another trust domain",
                        cert().uris("spiffe://other.org/x").leaf(LEAF.getPublic())),
                Arguments.of("CA leaf", cert().isCa(true).leaf(LEAF.getPublic())),
                Arguments.of(
                        "keyCertSign", cert().usage(SIGN | KeyUsage.keyCertSign).leaf(LEAF.getPublic())),
                Arguments.of("cRLSign", cert().usage(SIGN | KeyUsage.cRLSign).leaf(LEAF.getPublic())),
                Arguments.of(
                        "no digitalSignature",
                        cert().usage(KeyUsage.keyAgreement).leaf(LEAF.getPublic())),
                Arguments.of("no key usage", cert().usage(0).leaf(LEAF.getPublic())),
                Arguments.of(
                        "server only",
                        cert().purpose(KeyPurposeId.id_kp_serverAuth).leaf(LEAF.getPublic())),
                Arguments.of("expired", cert().times(NOW - 60_000, NOW - 20_000).leaf(LEAF.getPublic())),
                Arguments.of("not yet", cert().times(NOW + 20_000, NOW + 60_000).leaf(LEAF.getPublic())),
                Arguments.of(
                        "too long-lived",
                        cert().times(NOW - 1_000, NOW + 3_602_000).leaf(LEAF.getPublic())),
                Arguments.of("self-signed", cert().signer(LEAF.getPrivate()).leaf(LEAF.getPublic())));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badCertificates")
    void verifyX509_badSvid_isRejected(String name, X509Certificate leaf) {
        assertThat(verifier.verifyX509(List.of(leaf), NOW)).isInstanceOf(Refused.class);
    }

    @Test
    void verifyX509_expiredAuthority_attestsNothing() throws Exception {
        X509Certificate old = cert().uris("spiffe://example.org")
                .times(NOW - 100_000, NOW - 1_000)
                .ca(CA);
        try (TrustBundles expired =
                new TrustBundles(Map.of("example.org", file("c.json", "example.org", bundle(JWT, old))))) {
            assertThat(new SvidVerifier(expired, Duration.ofHours(1), Duration.ZERO)
                            .verifyX509(List.of(cert().leaf(LEAF.getPublic())), NOW))
                    .isInstanceOf(Refused.class);
        }
        assertThat(verifier.verifyX509(List.of(), NOW)).isInstanceOf(Refused.class);
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

    private static TestCertificate cert() {
        return new TestCertificate(NOW, CA.getPrivate(), ID);
    }
}
