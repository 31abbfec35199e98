package dev.errand.token;

import static dev.errand.token.TestToken.text;

import dev.errand.jose.JoseSignatureVerifier;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Chains that verify, for tests to break in one place. */
public final class TestChains {
    public static final long NOW_SECONDS = 1_795_512_000L;
    public static final Instant NOW = Instant.ofEpochSecond(NOW_SECONDS);
    public static final String ISSUER = "https://gateway.example.org";
    public static final String OTHER_ISSUER = "https://as.example.org";
    public static final String AGENT = "spiffe://example.org/agent/release-bot";
    public static final String TOOLS = "{\"vault:kv.read\":{\"resource\":{\"constraint_type\":\"path_containment\","
            + "\"root\":\"secret/ci\"}},\"ci:pipeline.get\":{}}";

    public static final TestHolder ANCHOR = TestHolder.ed25519();
    public static final TestHolder OTHER_ANCHOR = TestHolder.es256();
    public static final TestHolder ROOT_HOLDER = TestHolder.ed25519();
    public static final TestHolder CHILD_HOLDER = TestHolder.es256();
    public static final TestHolder LEAF_HOLDER = TestHolder.ed25519();

    public static final List<Anchor> ANCHORS = List.of(
            new Anchor(ISSUER, "a1", ANCHOR.key(), true), new Anchor(OTHER_ISSUER, "b1", OTHER_ANCHOR.key(), false));

    private TestChains() {}

    public static String capability(String tools) {
        return "{\"type\":\"attenuating_agent_token\",\"tools\":" + tools + "}";
    }

    /** A root of our own issuer, held by {@link #ROOT_HOLDER}, good for ten minutes and eight levels. */
    public static TestToken root() {
        Map<String, String> claims = new LinkedHashMap<>();
        claims.put("jti", text("root"));
        claims.put("iss", text(ISSUER));
        claims.put("aud", text(ISSUER));
        claims.put("iat", Long.toString(NOW_SECONDS - 10));
        claims.put("exp", Long.toString(NOW_SECONDS + 600));
        claims.put("cnf", "{\"jwk\":" + ROOT_HOLDER.jwk() + "}");
        claims.put("del_depth", "0");
        claims.put("del_max_depth", "8");
        claims.put("authorization_details", "[" + capability(TOOLS) + "]");
        claims.put("sub", text("user:7f3c"));
        claims.put("sub_id", "{\"format\":\"iss_sub\",\"iss\":\"https://idp.example.org\",\"sub\":\"user:7f3c\"}");
        claims.put("act", "{\"sub\":\"" + AGENT + "\",\"sub_profile\":\"ai_agent\"}");
        claims.put("auth_time", Long.toString(NOW_SECONDS - 100));
        claims.put(
                "task",
                "{\"id\":\"t-1234567890123456789012\",\"template\":\"release\",\"revision\":\"sha-256:r\","
                        + "\"parameters\":{\"service\":\"payments\"}}");
        return TestToken.of(ANCHOR, ROOT_HOLDER, "aat+jwt", claims);
    }

    /** A root of another anchor. */
    public static TestToken foreignRoot() {
        return root().withText("iss", OTHER_ISSUER)
                .without("task")
                .without("sub_id")
                .signedBy(OTHER_ANCHOR);
    }

    /** A child that grants what its parent does, for as long. */
    public static TestToken child(TestToken parent, TestHolder holder) {
        int depth = Integer.parseInt(parent.claims().get("del_depth")) + 1;
        Map<String, String> claims = new LinkedHashMap<>();
        claims.put("jti", text("child-" + depth));
        claims.put(
                "iss",
                text("urn:ietf:params:oauth:jwk-thumbprint:sha-256:"
                        + parent.holder().key().thumbprint().value()));
        claims.put("iat", Long.toString(NOW_SECONDS - 5));
        claims.put("exp", parent.claims().get("exp"));
        claims.put("cnf", "{\"jwk\":" + holder.jwk() + "}");
        claims.put("del_depth", Integer.toString(depth));
        claims.put("del_max_depth", parent.claims().get("del_max_depth"));
        claims.put("par_hash", text(parent.hash()));
        claims.put("authorization_details", parent.claims().get("authorization_details"));
        return TestToken.of(parent.holder(), holder, "aat+jwt", claims);
    }

    /** A child of {@link #CHILD_HOLDER} below {@link #root()}. */
    public static TestToken child() {
        return child(root(), CHILD_HOLDER);
    }

    /** A chain of that many derived tokens below the root, all valid. */
    public static List<String> chain(int derived) {
        List<String> chain = new ArrayList<>();
        TestToken token = root();
        chain.add(token.compact());
        for (int i = 0; i < derived; i++) {
            token = child(token, i % 2 == 0 ? CHILD_HOLDER : LEAF_HOLDER);
            chain.add(token.compact());
        }
        return chain;
    }

    public static List<String> compact(TestToken... tokens) {
        return Stream.of(tokens).map(TestToken::compact).toList();
    }

    public static ChainVerifier verifier() {
        return new ChainVerifier(new JoseSignatureVerifier(), () -> ANCHORS, Set.of(ISSUER), Limits.DEFAULT);
    }

    public static ChainResult verify(TestToken... tokens) {
        return verifier().verify(compact(tokens), NOW);
    }
}
