package dev.errand.token;

import static dev.errand.token.TestChains.ISSUER;
import static dev.errand.token.TestChains.LEAF_HOLDER;
import static dev.errand.token.TestChains.NOW_SECONDS;
import static dev.errand.token.TestChains.OTHER_ISSUER;
import static dev.errand.token.TestChains.ROOT_HOLDER;
import static dev.errand.token.TestChains.TOOLS;
import static dev.errand.token.TestChains.capability;
import static dev.errand.token.TestChains.foreignRoot;
import static dev.errand.token.TestChains.root;
import static dev.errand.token.TestToken.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Steps 1 to 3n of AAT-02 section 5: for each something that holds, something that does not, and what lies on the border. */
class RootStepsTableTest {
    private static final long DAY = 86_400;

    private static Presentation sized(int token, int chain) {
        return Presentation.of(root()).with(new Limits(token, chain, 8, 32, 90 * DAY, 30));
    }

    private static TestToken lifetime(long iat, long exp) {
        return root().with("iat", Long.toString(NOW_SECONDS + iat)).with("exp", Long.toString(NOW_SECONDS + exp));
    }

    private static TestToken details(String json) {
        return root().with("authorization_details", json);
    }

    private static StepRows sizesAndHeaders() {
        int size = root().compact().length();
        TestToken es256 = foreignRoot();
        return new StepRows()
                .permits("1", "one token", root())
                .denies("1", "no token", Presentation.of(root()).withChain(List.of()))
                .permits("2a", "a token of exactly the bound", sized(size, 2 * size))
                .denies("2a", "a token of one byte more", sized(size - 1, 2 * size))
                .permits("2b", "a chain of exactly the bound", sized(2 * size, size))
                .denies("2b", "a chain of one byte more", sized(2 * size, size - 1))
                .permits("3a", "Ed25519", root())
                .permits("3a", "ES256", es256)
                .permits("3a", "header members that nobody knows", root().withHeader("x", "{\"y\":1}"))
                .permits(
                        "3a",
                        "keys in the header, which are ignored",
                        root().withHeader("jwk", LEAF_HOLDER.jwk())
                                .withHeader("jku", text("https://evil.example"))
                                .withHeader("x5u", text("https://evil.example"))
                                .withHeader("x5c", "[\"AAAA\"]"))
                .denies("3a", "EdDSA", root().withHeader("alg", text("EdDSA")))
                .denies("3a", "ed25519 in small letters", root().withHeader("alg", text("ed25519")))
                .denies("3a", "none", root().withHeader("alg", text("none")))
                .denies("3a", "HS256", root().withHeader("alg", text("HS256")))
                .denies("3a", "ES384", root().withHeader("alg", text("ES384")))
                .denies("3a", "Ed448", root().withHeader("alg", text("Ed448")))
                .denies("3a", "no alg", root().withHeader("alg", null))
                .denies("3a", "an alg that is a number", root().withHeader("alg", "1"))
                .denies("3a", "no typ", root().withHeader("typ", null))
                .denies("3a", "the typ of a proof", root().withHeader("typ", text("aat-pop+jwt")))
                .denies("3a", "a typ with its prefix", root().withHeader("typ", text("application/aat+jwt")))
                .denies("3a", "a typ in capitals", root().withHeader("typ", text("AAT+JWT")))
                .denies("3a", "an unknown crit", root().withHeader("crit", "[\"x\"]"))
                .denies("3a", "an empty crit", root().withHeader("crit", "[]"));
    }

    private static StepRows signatures() {
        String compact = root().compact();
        int signature = compact.lastIndexOf('.') + 1;
        String flipped = compact.substring(0, signature)
                + (compact.charAt(signature) == 'A' ? 'B' : 'A')
                + compact.substring(signature + 1);
        return new StepRows()
                .permits("3b", "the anchor's kid", root().withHeader("kid", text("a1")))
                .permits("3b", "claims that nobody knows", root().with("x", "{\"y\":[1.5,null]}"))
                .denies("3b", "another key", root().signedBy(LEAF_HOLDER))
                .denies(
                        "3b",
                        "a key of the header",
                        root().signedBy(LEAF_HOLDER).withHeader("jwk", LEAF_HOLDER.jwk()))
                .denies("3b", "another anchor's kid", root().withHeader("kid", text("b1")))
                .denies("3b", "an algorithm of another key type", root().withHeader("alg", text("ES256")))
                .denies(
                        "3b",
                        "a signature with one bit changed",
                        Presentation.of(root()).withChain(List.of(flipped)))
                .denies(
                        "3b",
                        "no signature",
                        Presentation.of(root()).withChain(List.of(compact.substring(0, signature))))
                .denies("3b", "a member twice", root().withExtra(",\"exp\":1"))
                .denies("3b", "a member twice, deep inside", root().withExtra(",\"x\":[{\"z\":1,\"z\":1}]"))
                .denies("3b", "an iat with a fraction", root().with("iat", NOW_SECONDS + ".0"))
                .denies("3b", "an exp with an exponent", root().with("exp", "2e9"))
                .denies("3b", "an exp that is a string", root().with("exp", "\"9\""))
                .denies("3b", "no iat", root().without("iat"))
                .denies("3b", "no exp", root().without("exp"));
    }

    private static StepRows claims() {
        return new StepRows()
                .permits("3c", "depth 0", root())
                .denies("3c", "depth 1", root().with("del_depth", "1"))
                .denies("3c", "depth 0.0", root().with("del_depth", "0.0"))
                .denies("3c", "no depth", root().without("del_depth"))
                .permits("3d", "no par_hash", root())
                .denies("3d", "a par_hash", root().withText("par_hash", "A".repeat(43)))
                .denies("3d", "a par_hash that is null", root().with("par_hash", "null"))
                .permits("3e", "one second left", lifetime(-10, 1))
                .denies("3e", "expired this second", lifetime(-10, 0))
                .permits("3f", "30 s ahead", lifetime(30, 60))
                .denies("3f", "31 s ahead", lifetime(31, 60))
                .permits("3g", "a lifetime of one second", lifetime(20, 21))
                .denies("3g", "exp is iat", lifetime(20, 20))
                .permits("3h", "the longest lifetime", lifetime(-10, 90 * DAY - 10))
                .denies("3h", "one second more", lifetime(-10, 90 * DAY - 9))
                .permits("3i", "no delegation", root().with("del_max_depth", "0"))
                .permits("3i", "our maximum", root().with("del_max_depth", "8"))
                .denies("3i", "one more", root().with("del_max_depth", "9"))
                .denies("3i", "below zero", root().with("del_max_depth", "-1"))
                .denies("3i", "with a fraction", root().with("del_max_depth", "8.0"))
                .denies("3i", "none", root().without("del_max_depth"))
                .permits("3j", "a jti of one character", root().withText("jti", "j"))
                .denies("3j", "an empty jti", root().withText("jti", ""))
                .denies("3j", "a jti that is a number", root().with("jti", "7"))
                .denies("3j", "no jti", root().without("jti"))
                .permits("3k", "the anchor's issuer", foreignRoot())
                .denies("3k", "another anchor's issuer", root().withText("iss", OTHER_ISSUER))
                .denies("3k", "the issuer with a slash", root().withText("iss", ISSUER + "/"))
                .denies("3k", "an issuer that is no URI", root().withText("iss", "gateway"))
                .denies("3k", "no issuer", root().without("iss"))
                .permits("3l", "a public key", root())
                .denies("3l", "a private key", root().with("cnf", "{\"jwk\":" + ROOT_HOLDER.jwk(",\"d\":\"AA\"") + "}"))
                .denies("3l", "a thumbprint", root().with("cnf", "{\"jkt\":\"x\"}"))
                .denies("3l", "no cnf", root().without("cnf"))
                .permits(
                        "3m",
                        "an entry of another type beside it",
                        details("[{\"type\":\"x\"}," + capability(TOOLS) + "]"))
                .denies("3m", "no details", root().without("authorization_details"))
                .denies("3m", "an empty array", details("[]"))
                .denies("3m", "an object", details(capability(TOOLS)))
                .denies("3m", "two entries", details("[" + capability(TOOLS) + "," + capability(TOOLS) + "]"))
                .denies("3m", "no tools", details("[{\"type\":\"attenuating_agent_token\"}]"))
                .denies("3m", "tools that are an array", root().withTools("[]"))
                .denies("3m", "a tool that is null", root().withTools("{\"t\":null}"))
                .permits("3n", "every constraint well-formed", root())
                .denies(
                        "3n",
                        "an unknown constraint",
                        root().withTools("{\"t\":{\"a\":{\"constraint_type\":\"regex\"}}}"));
    }

    static Stream<Arguments> table() {
        return Stream.of(sizesAndHeaders(), signatures(), claims()).flatMap(StepRows::arguments);
    }

    @ParameterizedTest(name = "{0} {1}: {2}")
    @MethodSource("table")
    void verify_root_isAsTheTableSays(String step, String what, String expected, Presentation presentation) {
        assertThat(presentation.inTheStandardsOrder()).isEqualTo(expected);
        assertThat(presentation.inTheGatewaysOrder()).isEqualTo(expected);
    }

    @Test
    void table_hasBothVerdictsForEveryStep() {
        for (boolean permitted : new boolean[] {true, false}) {
            assertThat(Stream.of(sizesAndHeaders(), signatures(), claims())
                            .flatMap(rows -> rows.steps(permitted).stream()))
                    .contains("1", "2a", "2b", "3a", "3b", "3c", "3d", "3e", "3f", "3g", "3h", "3i", "3j", "3k", "3l")
                    .contains("3m", "3n");
        }
    }
}
