package dev.errand.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.denial.StartReason;
import dev.errand.jose.JwsAlgorithm;
import dev.errand.jose.TestKeys;
import dev.errand.jose.TestKeys.TestKey;
import dev.errand.token.Human;
import dev.errand.token.KeyThumbprint;
import dev.errand.trust.HumanResult.Accepted;
import dev.errand.trust.HumanResult.Refused;
import dev.errand.trust.HumanResult.Unavailable;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

class HumanIssuersTest {
    private static final long NOW = 1_795_512_000_000L;
    private static final KeyThumbprint PROVER = new KeyThumbprint("P".repeat(43));
    private static final Set<JwsAlgorithm> ALGORITHMS =
            Set.of(JwsAlgorithm.RS256, JwsAlgorithm.PS256, JwsAlgorithm.ES256, JwsAlgorithm.ES384);
    private static final SubjectRules RULES = rules(Set.of("none", "JWT", "at+jwt"), Set.of(), "sub");
    private static final TestKey RSA = TestKeys.of(JwsAlgorithm.RS256, "rsa");
    private static final TestKey EC = TestKeys.of(JwsAlgorithm.ES256, "ec");
    private static final String CLAIMS =
            "{\"iss\":\"%s\",\"sub\":\"user:7f3c\",\"aud\":\"errand\",\"exp\":1795512300,\"iat\":1795512000%s}";

    private final AtomicInteger fetches = new AtomicInteger();
    private volatile String jwks = set(RSA, EC);
    private volatile String announcedIssuer = "";
    private volatile int status = 200;

    private final DisposableServer server = HttpServer.create()
            .host("127.0.0.1")
            .port(0)
            .route(routes -> routes.get("/jwks", (request, response) -> {
                        fetches.incrementAndGet();
                        return response.status(status).sendString(Mono.just(jwks));
                    })
                    .get(
                            "/.well-known/openid-configuration",
                            (request, response) -> response.sendString(Mono.just(
                                    "{\"issuer\":\"" + announcedIssuer + "\",\"jwks_uri\":\"" + base() + "/jwks\"}"))))
            .bindNow();

    private static final RefreshPolicy POLICY = new RefreshPolicy(
            Duration.ofMinutes(5), Duration.ofSeconds(30), Duration.ofMinutes(60), Duration.ofSeconds(60));

    private final AtomicLong clockMillis = new AtomicLong();
    private LiveDocument<JwkSet> keys = new RemoteDocument<>(
            "keys",
            () -> new HttpFetch()
                    .get(URI.create(base() + "/jwks"))
                    .flatMap(bytes -> RemoteDocument.parsed(bytes, JwkSet::parse)),
            set -> POLICY.refreshAfter(),
            (held, fetched) -> fetched,
            POLICY,
            clockMillis::get);

    private String base() {
        return "http://127.0.0.1:" + server.port();
    }

    @AfterEach
    void stop() {
        keys.close();
        server.disposeNow();
    }

    @ParameterizedTest
    @EnumSource(names = {"RS256", "PS256", "ES256", "ES384", "EDDSA"})
    void verify_everyAlgorithmOnTheList_isVerified(JwsAlgorithm algorithm) {
        TestKey key = TestKeys.of(algorithm, "k");
        keys.close();
        jwks = set(key);
        keys = KeySources.url(URI.create(base() + "/jwks"), new HttpFetch(), RefreshPolicy.DEFAULT);
        HumanIssuers issuers = issuers(EnumSet.of(algorithm));
        Accepted verified = (Accepted) verify(issuers, token(key, "", ""));
        assertThat(verified.human()).isEqualTo(new Human("https://idp.example.org", "user:7f3c"));
        assertThat(verified.expiresAtMillis()).isEqualTo(1_795_512_300_000L);
        assertThat(verified.tokenHash()).hasSize(43);
        assertThat(verified.claims().string("aud")).isEqualTo("errand");
    }

    @Test
    void verify_byAKeyOfAGateway_isRejected() {
        TestKey key = TestKeys.of(JwsAlgorithm.ES256, "k");
        keys.close();
        jwks = "{\"keys\":[" + key.jwk(",\"kid\":\"k\",\"errand_use\":[\"issue\",\"txn\"]") + "]}";
        keys = KeySources.url(URI.create(base() + "/jwks"), new HttpFetch(), RefreshPolicy.DEFAULT);
        assertThat(verify(issuers(EnumSet.of(JwsAlgorithm.ES256)), token(key, "", "")))
                .isInstanceOf(Refused.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"JWT", "at+jwt", "application/at+jwt"})
    void verify_usualTypes_areVerified(String typ) {
        assertThat(verify(issuers(), token(RSA, ",\"typ\":\"" + typ + "\"", "")))
                .isInstanceOf(Accepted.class);
    }

    /** The claims of the example of draft-ietf-oauth-identity-assertion-authz-grant ("Issued Identity Assertion JWT Authorization Grant"). */
    private static final String ID_JAG = """
        {"jti": "9e43f81b64a33f20116179", "iss": "https://acme.idp.example/", "sub": "U019488227",
         "aud": "https://acme.chat.example/", "client_id": "f53f191f9311af35", "exp": 1311281970, "iat": 1311280970,
         "resource": "https://api.chat.example/", "scope": "chat.read chat.history", "auth_time": 1311280970,
         "amr": ["mfa", "phrh", "hwk", "user"]}
        """;

    private HumanResult ofTheDraft(String typ, String claims, Set<String> types, Set<String> clients, String audience) {
        SubjectRules rules = new SubjectRules(types, Duration.ofMinutes(20), clients, "sub");
        HumanIssuers issuers = new HumanIssuers(
                List.of(new HumanIssuer("https://acme.idp.example/", keys, audience, ALGORITHMS, rules, null)),
                Duration.ofSeconds(10));
        String token = RSA.jws("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":\"" + typ + "\"}", claims);
        HumanResult result = issuers.verify(token, PROVER, 1_311_281_000_000L).block(Duration.ofSeconds(5));
        assertThat(result).isNotNull();
        return result;
    }

    /** An ID-JAG starts a task by configuration alone: its type, the client of this gateway, the issuer of this gateway. */
    @Test
    void verify_identityAssertionGrantOfTheDraft_isVerifiedWhereItsTypeIsListed() {
        Set<String> idJag = Set.of("oauth-id-jag+jwt");
        Set<String> client = Set.of("f53f191f9311af35");
        String audience = "https://acme.chat.example/";

        Accepted verified = (Accepted) ofTheDraft("oauth-id-jag+jwt", ID_JAG, idJag, client, audience);
        assertThat(verified.human()).isEqualTo(new Human("https://acme.idp.example/", "U019488227"));
        assertThat(verified.claims().string("scope")).isEqualTo("chat.read chat.history");

        assertThat(reason(ofTheDraft("oauth-id-jag+jwt", ID_JAG, Set.of("none", "JWT", "at+jwt"), client, audience)))
                .isEqualTo(StartReason.TYP);
        assertThat(reason(ofTheDraft("at+jwt", ID_JAG, idJag, client, audience)))
                .isEqualTo(StartReason.TYP);
        assertThat(reason(ofTheDraft("oauth-id-jag+jwt", ID_JAG, idJag, Set.of("another"), audience)))
                .isEqualTo(StartReason.CLIENTS);
        assertThat(reason(ofTheDraft("oauth-id-jag+jwt", ID_JAG, idJag, client, "https://gateway.example.org")))
                .isEqualTo(StartReason.AUDIENCE);
        String ofTheClient = ID_JAG.replace("U019488227", "f53f191f9311af35");
        assertThat(reason(ofTheDraft("oauth-id-jag+jwt", ofTheClient, idJag, client, audience)))
                .isEqualTo(StartReason.NO_HUMAN);
        assertThat(reason(ofTheDraft(
                        "oauth-id-jag+jwt", ID_JAG.replace("1311281970", "1311289970"), idJag, client, audience)))
                .isEqualTo(StartReason.MAX_AGE);
    }

    private static StartReason reason(HumanResult result) {
        return ((Refused) result).why();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "aat+jwt",
                "txntoken+jwt",
                "dpop+jwt",
                "wit+jwt",
                "AAT+JWT",
                "application/aat+jwt",
                "Application/WIT+jwt"
            })
    void verify_typesOfOthers_areRejected(String typ) {
        assertThat(verify(issuers(), token(RSA, ",\"typ\":\"" + typ + "\"", "")))
                .isEqualTo(new Refused(StartReason.TYP, "a token of this typ is not about a human"));
    }

    static Stream<Arguments> badTokens() throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(RSA.pair().getPublic().getEncoded(), "HmacSHA256"));
        String input = TestKeys.base64("{\"alg\":\"HS256\",\"kid\":\"rsa\"}") + "."
                + TestKeys.base64(CLAIMS.formatted("https://idp.example.org", ""));
        TestKey other = TestKeys.of(JwsAlgorithm.RS256, "rsa");
        return Stream.of(
                Arguments.of("not a JWT", "a.b", "compact"),
                Arguments.of("alg none", RSA.jws("{\"alg\":\"none\"}", "{}"), "alg"),
                Arguments.of(
                        "HS256 with the public key",
                        input + "." + TestKeys.base64(mac.doFinal(input.getBytes(StandardCharsets.US_ASCII))),
                        "alg"),
                Arguments.of("alg off the issuer's list", token(TestKeys.of(JwsAlgorithm.ED25519), "", ""), "list"),
                Arguments.of("another key", token(other, "", ""), "signature"),
                Arguments.of("a key of another type", token(EC, ",\"kid\":\"rsa\"", "", false), "kid"),
                Arguments.of("unknown kid", token(RSA, ",\"kid\":\"nobody\"", "", false), "kid"),
                Arguments.of("kid number", token(RSA, ",\"kid\":1", "", false), "kid"),
                Arguments.of("crit", token(RSA, ",\"crit\":[\"x\"]", ""), "critical"),
                Arguments.of("b64", token(RSA, ",\"b64\":false", ""), "critical"),
                Arguments.of("embedded jwk", token(other, ",\"jwk\":" + other.jwk(""), ""), "signature"),
                Arguments.of("jku", token(other, ",\"jku\":\"https://evil.example\"", ""), "signature"),
                Arguments.of("typ number", token(RSA, ",\"typ\":1", ""), "typ"),
                Arguments.of("other issuer", claims("{\"iss\":\"https://evil\",\"aud\":\"errand\"}"), "iss"),
                Arguments.of("no issuer", claims("{\"aud\":\"errand\"}"), "iss"),
                Arguments.of("duplicate member", token(RSA, "", ",\"sub\":\"root\""), "iss"),
                Arguments.of("aud other", claims(one("\"aud\":\"errand\"", "\"aud\":\"other\"")), "aud"),
                Arguments.of("aud absent", claims(one("\"aud\":\"errand\",", "")), "aud"),
                Arguments.of("aud prefix", claims(one("\"errand\"", "\"errand2\"")), "aud"),
                Arguments.of("expired", claims(one("1795512300", "1795511990")), "expired"),
                Arguments.of("exp absent", claims(one("\"exp\":1795512300,", "")), "exp"),
                Arguments.of("exp text", claims(one("1795512300", "\"1795512300\"")), "exp"),
                Arguments.of("iat in the future", claims(one("\"iat\":1795512000", "\"iat\":1795512011")), "iat"),
                Arguments.of("iat text", claims(one("\"iat\":1795512000", "\"iat\":\"x\"")), "iat"),
                Arguments.of("nbf in the future", token(RSA, "", ",\"nbf\":1795512011"), "nbf"),
                Arguments.of("sub absent", claims(one("\"sub\":\"user:7f3c\",", "")), "sub"),
                Arguments.of("sub empty", claims(one("user:7f3c", "")), "sub"),
                Arguments.of("sub number", claims(one("\"user:7f3c\"", "7")), "sub"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badTokens")
    void verify_badToken_isRejected(String name, String token, String word) {
        assertThat(verify(issuers(), token))
                .isInstanceOfSatisfying(
                        Refused.class, r -> assertThat(r.reason()).contains(word));
    }

    @ParameterizedTest
    @ValueSource(strings = {",\"nbf\":1795512010", ",\"nbf\":1795512000.5"})
    void verify_withinTheSkew_isVerified(String more) {
        assertThat(verify(issuers(), token(RSA, "", more))).isInstanceOf(Accepted.class);
        assertThat(verify(issuers(), claims(one("1795512300", "1795511991")))).isInstanceOf(Accepted.class);
        assertThat(verify(issuers(), claims(one("\"iat\":1795512000", "\"iat\":1795512010"))))
                .isInstanceOf(Accepted.class);
        assertThat(verify(issuers(), claims(one("\"errand\"", "[\"other\",\"errand\"]"))))
                .isInstanceOf(Accepted.class);
    }

    @Test
    void verify_withoutKid_isVerifiedOnlyIfOneKeyFits() {
        HumanIssuers issuers = issuers();
        assertThat(verify(issuers, token(RSA, "", "", false))).isInstanceOf(Accepted.class);
        keys.close();
        jwks = set(RSA, TestKeys.of(JwsAlgorithm.RS256, "second"));
        keys = KeySources.url(URI.create(base() + "/jwks"), new HttpFetch(), RefreshPolicy.DEFAULT);
        assertThat(verify(issuers(), token(RSA, "", "", false))).isInstanceOf(Refused.class);
    }

    @Test
    void verify_rotation_isPickedUpOnAnUnknownKid() {
        HumanIssuers issuers = issuers();
        assertThat(verify(issuers, token(RSA, "", ""))).isInstanceOf(Accepted.class);
        TestKey fresh = TestKeys.of(JwsAlgorithm.RS256, "fresh");
        jwks = set(fresh);
        assertThat(verify(issuers, token(fresh, "", ""))).isInstanceOf(Refused.class);
        clockMillis.addAndGet(30_000);
        assertThat(verify(issuers, token(fresh, "", ""))).isInstanceOf(Accepted.class);
        assertThat(verify(issuers, token(RSA, "", ""))).isInstanceOf(Refused.class);
    }

    @Test
    void verify_stormOfUnknownKids_makesFewFetches() {
        HumanIssuers issuers = issuers();
        verify(issuers, token(RSA, "", ""));
        String input = TestKeys.base64(CLAIMS.formatted("https://idp.example.org", ""));
        List<HumanResult> results = Flux.range(0, 1_000)
                .map(i -> TestKeys.base64("{\"alg\":\"RS256\",\"kid\":\"storm" + i + "\"}") + "." + input + ".AAAA")
                .flatMap(token -> issuers.verify(token, PROVER, NOW), 64)
                .collectList()
                .block(Duration.ofSeconds(10));
        assertThat(results).hasSize(1_000).allMatch(Refused.class::isInstance);
        assertThat(fetches).hasValue(1);
        assertThat(verify(issuers, token(RSA, "", ""))).isInstanceOf(Accepted.class);
    }

    @Test
    void verify_kidThatIsMissing_isNotAskedForAgain() {
        HumanIssuers issuers = issuers();
        verify(issuers, token(RSA, "", ""));
        String unknown = token(RSA, ",\"kid\":\"nobody\"", "", false);
        clockMillis.addAndGet(30_000);
        assertThat(verify(issuers, unknown)).isInstanceOf(Refused.class);
        assertThat(fetches).hasValue(2);
        for (int i = 0; i < 4; i++) {
            clockMillis.addAndGet(30_000);
            assertThat(verify(issuers, unknown)).isInstanceOf(Refused.class);
        }
        assertThat(fetches).hasValue(2);
    }

    @Test
    void verify_outage_isUnavailableAndThenHeals() {
        status = 500;
        HumanIssuers issuers = issuers();
        assertThat(verify(issuers, token(RSA, "", ""))).isInstanceOf(Unavailable.class);
        status = 200;
        clockMillis.addAndGet(30_000);
        assertThat(verify(issuers, token(RSA, "", ""))).isInstanceOf(Accepted.class);
        status = 500;
        clockMillis.addAndGet(30_000);
        assertThat(verify(issuers, token(RSA, ",\"kid\":\"x\"", "", false))).isInstanceOf(Refused.class);
        assertThat(verify(issuers, token(RSA, "", ""))).isInstanceOf(Accepted.class);
    }

    @Test
    void verify_discovery_takesTheKeysOfThatVeryIssuer() {
        keys.close();
        announcedIssuer = base();
        keys = KeySources.discovery(base(), new HttpFetch(), RefreshPolicy.DEFAULT);
        assertThat(keys.get().block(Duration.ofSeconds(5))).isNotNull();
        keys.close();
        announcedIssuer = "https://evil.example";
        try (LiveDocument<JwkSet> other = KeySources.discovery(base(), new HttpFetch(), RefreshPolicy.DEFAULT)) {
            assertThat(other.get().onErrorResume(e -> Mono.empty()).blockOptional(Duration.ofSeconds(5)))
                    .isEmpty();
            assertThat(other.fault()).isNotNull();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "logout+jwt",
                "secevent+jwt",
                "kb+jwt",
                "application/logout+jwt",
                "SecEvent+JWT",
                "none",
                "JOSE",
                "vc+jwt",
                "entity-statement+jwt",
                "token-introspection+jwt",
                "oauth-authz-req+jwt",
                "jwt ",
                ""
            })
    void verify_aTypeThatIsNotListed_isRejected(String typ) {
        assertThat(verify(issuers(), token(RSA, ",\"typ\":\"" + typ + "\"", "")))
                .isInstanceOf(Refused.class);
    }

    @Test
    void verify_configuredTypes_areTheOnlyOnes() {
        HumanIssuers access = issuers(rules(Set.of("Application/AT+JWT"), Set.of(), "sub"));
        assertThat(verify(access, token(RSA, ",\"typ\":\"at+jwt\"", ""))).isInstanceOf(Accepted.class);
        assertThat(verify(access, token(RSA, ",\"typ\":\"JWT\"", ""))).isInstanceOf(Refused.class);
        assertThat(verify(access, token(RSA, "", ""))).isInstanceOf(Refused.class);
        HumanIssuers untyped = issuers(rules(Set.of("none", "vnd.example+jwt"), Set.of(), "sub"));
        assertThat(verify(untyped, token(RSA, "", ""))).isInstanceOf(Accepted.class);
        assertThat(verify(untyped, token(RSA, ",\"typ\":\"vnd.Example+jwt\"", "")))
                .isInstanceOf(Accepted.class);
        assertThat(verify(untyped, token(RSA, ",\"typ\":\"none\"", ""))).isInstanceOf(Refused.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dpop+jwt", "application/LOGOUT+jwt", "kb+jwt", "secevent+jwt", "txntoken+jwt"})
    void rules_aTypeThatIsNeverAboutAHuman_cannotBeListed(String type) {
        assertThatThrownBy(() -> rules(Set.of("JWT", type), Set.of(), "sub"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not about a human");
    }

    static Stream<Arguments> ages() {
        long day = 24 * 3600;
        return Stream.of(
                Arguments.of(NOW / 1000 - 10, NOW / 1000 - 10 + day, true),
                Arguments.of(NOW / 1000 - 10, NOW / 1000 - 9 + day, false),
                Arguments.of(NOW / 1000 - 10, NOW / 1000 + 10 * 365 * day, false),
                Arguments.of(null, NOW / 1000 + day, true),
                Arguments.of(null, NOW / 1000 + day + 1, false));
    }

    @ParameterizedTest
    @MethodSource("ages")
    void verify_aTokenThatLivesLongerThanADay_isRejected(Long iat, long exp, boolean good) {
        String claims = "{\"iss\":\"https://idp.example.org\",\"sub\":\"user:7f3c\",\"aud\":\"errand\",\"exp\":" + exp
                + (iat == null ? "" : ",\"iat\":" + iat) + "}";
        String token = RSA.jws("{\"alg\":\"RS256\",\"kid\":\"rsa\"}", claims);
        assertThat(verify(issuers(), token)).isInstanceOf(good ? Accepted.class : Refused.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ",\"azp\":\"user:7f3c\"",
                ",\"client_id\":\"user:7f3c\"",
                ",\"azp\":\"portal\",\"client_id\":\"user:7f3c\"",
                ",\"cid\":\"user:7f3c\"",
                ",\"appid\":\"user:7f3c\"",
                ",\"azp\":\"portal\",\"gty\":\"client-credentials\"",
                ",\"azp\":\"portal\",\"idtyp\":\"app\""
            })
    void verify_aTokenThatAClientGotForItself_isRejected(String claims) {
        assertThat(verify(issuers(), token(RSA, "", claims))).isInstanceOf(Refused.class);
    }

    @Test
    void verify_aSubjectThatIsAClientWithAuth0sSuffix_isRejected() {
        String claims = one("user:7f3c", "portal@clients").replace("}", ",\"azp\":\"portal\"}");
        assertThat(verify(issuers(), RSA.jws("{\"alg\":\"RS256\",\"kid\":\"rsa\"}", claims)))
                .isInstanceOf(Refused.class);
    }

    @Test
    void verify_clients_onlyThoseListedStartTasks() {
        HumanIssuers portal = issuers(rules(Set.of("none"), Set.of("portal", "desk"), "sub"));
        for (String good : List.of(
                ",\"azp\":\"portal\"", ",\"client_id\":\"desk\"", ",\"azp\":\"portal\",\"client_id\":\"desk\"")) {
            assertThat(verify(portal, token(RSA, "", good))).as(good).isInstanceOf(Accepted.class);
        }
        for (String bad : List.of(
                "",
                ",\"azp\":\"other\"",
                ",\"azp\":7",
                ",\"azp\":[\"portal\"]",
                ",\"client_id\":\"Portal\"",
                ",\"azp\":\"portal\",\"client_id\":\"other\"",
                ",\"azp\":\"other\",\"client_id\":\"portal\"")) {
            assertThat(verify(portal, token(RSA, "", bad))).as(bad).isInstanceOf(Refused.class);
        }
        assertThat(verify(issuers(), token(RSA, "", ",\"azp\":\"other\""))).isInstanceOf(Accepted.class);
    }

    @Test
    void verify_subject_isTheConfiguredClaimEverywhere() {
        HumanIssuers entra = issuers(rules(Set.of("none", "JWT"), Set.of(), "oid"));
        Accepted verified = (Accepted) verify(entra, token(RSA, "", ",\"oid\":\"0b5c\""));
        assertThat(verified.human()).isEqualTo(new Human("https://idp.example.org", "0b5c"));
        for (String bad : List.of(
                "",
                ",\"oid\":\"\"",
                ",\"oid\":7",
                ",\"oid\":\"" + "x".repeat(513) + "\"",
                ",\"oid\":\"app\",\"azp\":\"app\"",
                ",\"oid\":\"0b5c\",\"azp\":\"user:7f3c\"")) {
            assertThat(verify(entra, token(RSA, "", bad))).as(bad).isInstanceOf(Refused.class);
        }
    }

    @Test
    void verify_aTokenBoundToAKey_needsThatKeysProof() {
        assertThat(verify(issuers(), token(RSA, "", ",\"cnf\":{\"jkt\":\"" + PROVER.value() + "\"}")))
                .isInstanceOf(Accepted.class);
        for (String bad : List.of(
                "{\"jkt\":\"" + "Q".repeat(43) + "\"}",
                "{\"jkt\":7}",
                "{}",
                "null",
                "\"" + PROVER.value() + "\"",
                "{\"x5t#S256\":\"" + PROVER.value() + "\"}",
                "{\"jwk\":{\"kty\":\"oct\",\"k\":\"AA\"}}",
                "{\"jkt\":\"" + PROVER.value() + "\",\"x5t#S256\":\"" + PROVER.value() + "\"}")) {
            assertThat(verify(issuers(), token(RSA, "", ",\"cnf\":" + bad)))
                    .as(bad)
                    .isInstanceOf(Refused.class);
        }
    }

    private HumanIssuers issuers(SubjectRules rules) {
        return new HumanIssuers(
                List.of(new HumanIssuer("https://idp.example.org", keys, "errand", ALGORITHMS, rules, null)),
                Duration.ofSeconds(10));
    }

    private static SubjectRules rules(Set<String> types, Set<String> clients, String subject) {
        return new SubjectRules(types, Duration.ofHours(24), clients, subject);
    }

    private HumanIssuers issuers() {
        return issuers(ALGORITHMS);
    }

    private HumanIssuers issuers(Set<JwsAlgorithm> algorithms) {
        return new HumanIssuers(
                List.of(new HumanIssuer("https://idp.example.org", keys, "errand", algorithms, RULES, null)),
                Duration.ofSeconds(10));
    }

    private static HumanResult verify(HumanIssuers issuers, String token) {
        HumanResult result = issuers.verify(token, PROVER, NOW).block(Duration.ofSeconds(5));
        assertThat(result).isNotNull();
        return result;
    }

    private static String token(TestKey key, String header, String claims) {
        return token(key, header, claims, true);
    }

    private static String token(TestKey key, String header, String claims, boolean kid) {
        String named = kid ? ",\"kid\":\"" + key.kid() + "\"" : "";
        return key.jws(
                "{\"alg\":\"" + key.algorithm().id() + "\"" + named + header + "}",
                CLAIMS.formatted("https://idp.example.org", claims));
    }

    private static String one(String from, String to) {
        String good = CLAIMS.formatted("https://idp.example.org", "");
        assertThat(good).contains(from);
        return good.replace(from, to);
    }

    private static String claims(String claims) {
        return RSA.jws("{\"alg\":\"RS256\",\"kid\":\"rsa\"}", claims);
    }

    private static String set(TestKey... keys) {
        StringBuilder out = new StringBuilder("{\"keys\":[{\"kty\":\"strange\"}");
        for (TestKey key : keys) {
            out.append(',').append(key.jwk(",\"use\":\"sig\",\"kid\":\"" + key.kid() + "\""));
        }
        return out.append("]}").toString();
    }
}
