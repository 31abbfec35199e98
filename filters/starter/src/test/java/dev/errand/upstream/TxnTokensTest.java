package dev.errand.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.SignedJWT;
import dev.errand.jose.JoseSignatureVerifier;
import dev.errand.jose.KeyRing;
import dev.errand.jose.SigningKey;
import dev.errand.jose.TestKeys;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.Holder;
import dev.errand.token.Holders;
import dev.errand.token.KeyThumbprint;
import dev.errand.token.RootFacts;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TxnTokensTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_795_512_000L);

    @TempDir
    Path directory;

    private KeyRing keys;
    private TxnTokens tokens;

    @BeforeEach
    void keys() throws Exception {
        keys = KeyRing.createIfAbsent(directory.resolve("keys.jwks"));
        tokens = new TxnTokens(TestCalls.ISSUER, TestCalls.TRUST_DOMAIN, keys);
    }

    @Test
    void issue_wholeCall_hasExactlyTheClaims() throws Exception {
        SignedJWT jwt = SignedJWT.parse(
                tokens.issue(TestCalls.claims("POST", "s3:CopyObject", "s3:GetObject", "s3:GetObject"), NOW));

        assertThat(jwt.getHeader().toJSONObject())
                .containsOnly(
                        Map.entry("alg", "Ed25519"),
                        Map.entry("kid", keys.transactionKey().id()),
                        Map.entry("typ", "txntoken+jwt"));
        Map<String, Object> holder =
                Map.of("jkt", "A".repeat(43), "sub", "spiffe://example.org/agent/release-bot", "attested", true);
        Map<String, Object> derived = new java.util.HashMap<>(Map.of("jkt", "B".repeat(43), "attested", false));
        derived.put("sub", null);
        Map<String, Object> context = new java.util.HashMap<>(Map.of(
                "task", "t-1",
                "route", "vault",
                "op", "s3:CopyObject s3:GetObject s3:GetObject",
                "resource", List.of("secret/\"s3:CopyObject", "secret/\"s3:GetObject", "secret/\"s3:GetObject"),
                "args_hash", "sha-256:args",
                "chain", Arrays.asList(holder, derived),
                "chain_hash", "sha-256:chain"));
        context.put("anchor", null);
        context.put("plan", null);
        Map<String, Object> expected = Map.ofEntries(
                Map.entry("iss", "https://gateway.example.org"),
                Map.entry("aud", "example.org"),
                Map.entry("iat", 1_795_512_000L),
                Map.entry("exp", 1_795_512_060L),
                Map.entry("txn", "d-1"),
                Map.entry("sub", "user:7f3c"),
                Map.entry("sub_id", Map.of("format", "iss_sub", "iss", "https://idp.example.org", "sub", "user:7f3c")),
                Map.entry("act", Map.of("sub", "spiffe://example.org/agent/release-bot", "sub_profile", "ai_agent")),
                Map.entry("scope", "s3:CopyObject s3:GetObject"),
                Map.entry("req_wl", "spiffe://example.org/errand"),
                Map.entry("tctx", context),
                Map.entry(
                        "rctx",
                        Map.of(
                                "htm",
                                "POST",
                                "instruction",
                                Map.of(
                                        "source",
                                        "document",
                                        "ref",
                                        "https://tracker/\u202e1",
                                        "integrity",
                                        "untrusted"))));
        assertThat(jwt.getPayload().toJSONObject()).isEqualTo(expected);
    }

    @Test
    void issue_holdersWhateverTheirNames_areSpelledRight() throws Exception {
        List<String> names = List.of("spiffe://x/a", "quote \" and \\", "caf\u00e9", "\u202e", "x".repeat(600));
        TxnClaims own = TestCalls.claims("GET", "vault:kv.read");
        Holders holders = Holders.of(names.stream()
                .map(name -> new Holder(new KeyThumbprint("A".repeat(43)), name, true))
                .toList());
        TxnClaims claims =
                new TxnClaims("d", "t", own.root(), holders, "h", own.calls(), "a", "r", "GET", null, null, null);

        assertThat(SignedJWT.parse(tokens.issue(claims, NOW)).getPayload().toJSONObject())
                .extracting("tctx")
                .extracting("chain")
                .isEqualTo(names.stream()
                        .map(name -> Map.of("jkt", "A".repeat(43), "sub", name, "attested", true))
                        .toList());
    }

    @Test
    void issue_planAndConsent_areThoseOfTheTask() throws Exception {
        TxnClaims own = TestCalls.claims("GET", "vault:kv.read");
        JsonObject consent = TestKeys.object("{\"digest\":\"sha-256:x\",\"by\":\"page\",\"at\":7}");
        RootFacts root = new RootFacts(
                "i",
                own.root().human(),
                null,
                own.root().task(),
                null,
                JsonObject.EMPTY,
                consent,
                TestKeys.object("{\"id\":\"se-x\",\"run\":3}"));
        TxnClaims claims = new TxnClaims(
                "d",
                "t",
                root,
                Holders.NONE,
                "h",
                own.calls(),
                "a",
                "r",
                "GET",
                null,
                null,
                new TxnClaims.PlanPosition("sha-256:p", "1+1 in flight", 4));
        assertThat(SignedJWT.parse(tokens.issue(claims, NOW)).getPayload().toJSONObject())
                .extracting("tctx", InstanceOfAssertFactories.MAP)
                .containsEntry("plan", Map.of("digest", "sha-256:p", "at", "1+1 in flight", "of", 4L))
                .containsEntry("standing", Map.of("id", "se-x", "run", 3L))
                .containsEntry("consent", Map.of("digest", "sha-256:x", "by", "page", "at", 7L));
    }

    @Test
    void issue_signature_verifiesUnderThePublishedKey() throws Exception {
        String token = tokens.issue(TestCalls.claims("GET", "vault:kv.read"), NOW);
        int dot = token.lastIndexOf('.');
        SigningKey key = keys.transactionKey();
        assertThat(new JoseSignatureVerifier()
                        .verify(
                                key.algorithm(),
                                key.publicKey(),
                                token.substring(0, dot).getBytes(StandardCharsets.US_ASCII),
                                java.util.Base64.getUrlDecoder().decode(token.substring(dot + 1))))
                .isTrue();
    }

    @Test
    void issue_rootOfAnotherAnchorWithoutInstruction_saysNoMoreThanItKnows() throws Exception {
        TxnClaims own = TestCalls.claims("GET", "mcp:tools.call/my tool");
        RootFacts root = new RootFacts(
                "https://as.example.org", own.root().human(), "spiffe://x/a", null, null, JsonObject.EMPTY, null, null);
        TxnClaims claims =
                new TxnClaims("d", "t", root, Holders.NONE, "h", own.calls(), "a", "r", "GET", null, null, null);

        Map<String, Object> payload =
                SignedJWT.parse(tokens.issue(claims, NOW)).getPayload().toJSONObject();

        assertThat(payload).containsEntry("act", Map.of("sub", "spiffe://x/a"));
        assertThat(payload).containsEntry("rctx", Map.of("htm", "GET"));
        assertThat(payload).containsEntry("scope", "mcp:tools.call/my%20tool");
        assertThat(payload).extracting("tctx").extracting("chain").isEqualTo(Collections.emptyList());
        assertThat(payload).extracting("tctx").extracting("anchor").isEqualTo("https://as.example.org");
    }
}
