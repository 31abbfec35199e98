package dev.errand.token;

import static dev.errand.token.TestChains.ANCHOR;
import static dev.errand.token.TestChains.CHILD_HOLDER;
import static dev.errand.token.TestChains.ISSUER;
import static dev.errand.token.TestChains.LEAF_HOLDER;
import static dev.errand.token.TestChains.NOW_SECONDS;
import static dev.errand.token.TestChains.TOOLS;
import static dev.errand.token.TestChains.capability;
import static dev.errand.token.TestChains.chain;
import static dev.errand.token.TestChains.child;
import static dev.errand.token.TestChains.root;
import static dev.errand.token.TestToken.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Steps 2c, 4a to 4q, 5, 6a and 6c of AAT-02 section 5, as {@link RootStepsTableTest} has those of the root. */
class DerivedStepsTableTest {
    private static final String OPTIONAL = "{\"t\":{\"a\":{\"constraint_type\":\"exact\",\"value\":1},"
            + "\"b\":{\"constraint_type\":\"exact\",\"value\":2,\"optional\":true}}}";
    private static final String OPEN =
            "{\"t\":{\"a\":{\"constraint_type\":\"exact\",\"value\":1},\"*\":{\"constraint_type\":\"wildcard\"}}}";

    private static TestToken lifetime(long iat, long exp) {
        return child().with("iat", Long.toString(NOW_SECONDS + iat)).with("exp", Long.toString(NOW_SECONDS + exp));
    }

    /** A root and a child of these tools, and a call of {@code t} with the argument {@code a: 1}. */
    private static Presentation tools(String parent, String child) {
        TestToken root = root().withTools(parent);
        return Presentation.of("t", "{\"a\":1}", root, child(root, CHILD_HOLDER).withTools(child));
    }

    private static String t(String members) {
        return "{\"t\":{" + members + "}}";
    }

    private static String exact(String name, int value) {
        return "\"" + name + "\":{\"constraint_type\":\"exact\",\"value\":" + value + "}";
    }

    private static StepRows headersAndClaims() {
        TestToken twin = root().withText("jti", "another");
        return new StepRows()
                .permits("2c", "two different tokens", root(), child())
                .denies("2c", "the parent's jti", root(), child().withText("jti", "root"))
                .denies("2c", "the root twice", root(), root())
                .permits("4a", "ES256", root(), child(), child(child(), LEAF_HOLDER))
                .denies("4a", "EdDSA", root(), child().withHeader("alg", text("EdDSA")))
                .denies(
                        "4a",
                        "EdDSA in the middle",
                        root(),
                        child().withHeader("alg", text("EdDSA")),
                        child(child().withHeader("alg", text("EdDSA")), LEAF_HOLDER))
                .denies("4a", "none", root(), child().withHeader("alg", text("none")))
                .denies("4a", "no typ", root(), child().withHeader("typ", null))
                .denies("4a", "the typ of a proof", root(), child().withHeader("typ", text("aat-pop+jwt")))
                .denies("4a", "a crit", root(), child().withHeader("crit", "[\"x\"]"))
                .permits("4b", "the parent's holder", root(), child())
                .denies("4b", "the anchor's own key", root(), child().signedBy(ANCHOR))
                .denies(
                        "4b",
                        "a key of the header",
                        root(),
                        child().signedBy(CHILD_HOLDER).withHeader("jwk", CHILD_HOLDER.jwk()))
                .denies("4b", "an anchor's kid", root(), child().withHeader("kid", text("a1")))
                .denies("4b", "an algorithm of another key type", root(), child().withHeader("alg", text("ES256")))
                .denies("4b", "a member twice", root(), child().withExtra(",\"exp\":1"))
                .denies("4b", "b1 no jti", root(), child().without("jti"))
                .denies("4b", "b1 an empty jti", root(), child().withText("jti", ""))
                .denies("4b", "b2 no cnf", root(), child().without("cnf"))
                .denies(
                        "4b",
                        "b2 a private key",
                        root(),
                        child().with("cnf", "{\"jwk\":" + CHILD_HOLDER.jwk(",\"d\":\"AA\"") + "}"))
                .denies("4b", "b3 no details", root(), child().without("authorization_details"))
                .denies("4b", "b3 an object", root(), child().with("authorization_details", "{}"))
                .denies("4b", "b4 no depth", root(), child().without("del_depth"))
                .denies("4b", "b4 a depth below zero", root(), child().with("del_depth", "-1"))
                .denies("4b", "b4 a depth with a fraction", root(), child().with("del_depth", "1.0"))
                .denies("4b", "b4 a largest depth below zero", root(), child().with("del_max_depth", "-1"))
                .denies("4b", "b5 no iss", root(), child().without("iss"))
                .denies("4b", "b5 no par_hash", root(), child().without("par_hash"))
                .denies("4b", "b5 a par_hash that is a number", root(), child().with("par_hash", "7"))
                .denies("4b", "b5 an iat with an exponent", root(), child().with("iat", "1e9"))
                .denies("4b", "b5 no exp", root(), child().without("exp"))
                .permits("4c", "the thumbprint of the parent's holder", root(), child())
                .denies("4c", "the root's issuer", root(), child().withText("iss", ISSUER))
                .denies(
                        "4c",
                        "the child's own thumbprint",
                        root(),
                        child().withText(
                                        "iss",
                                        "urn:ietf:params:oauth:jwk-thumbprint:sha-256:"
                                                + CHILD_HOLDER
                                                        .key()
                                                        .thumbprint()
                                                        .value()))
                .permits("4q", "the parent's hash", root(), child())
                .denies("4q", "the hash of a twin", root(), child().withText("par_hash", twin.hash()))
                .denies(
                        "4q",
                        "the hash of the whole parent",
                        root(),
                        child().withText("par_hash", Sha256.base64UrlOf(root().compact())))
                .denies("4q", "the hash with padding", root(), child().withText("par_hash", root().hash() + "="));
    }

    private static StepRows depthsAndTimes() {
        TestToken terminal = root().with("del_max_depth", "0");
        TestToken shallow = root().with("del_max_depth", "1");
        Presentation deep = Presentation.of(root());
        List<String> eight = chain(8);
        return new StepRows()
                .permits("4d", "one below its parent", root(), child())
                .denies("4d", "its parent's depth", root(), child().with("del_depth", "0"))
                .denies("4d", "a depth left out", root(), child().with("del_depth", "2"))
                .permits("4e", "the last depth that the root allows", shallow, child(shallow, CHILD_HOLDER))
                .denies("4e", "below a token that allows none", terminal, child(terminal, CHILD_HOLDER))
                .permits("4f", "our own last depth", eight(eight))
                .denies("4f", "4f", "more tokens than our last depth", longer(eight))
                .permits("4g", "its parent's largest depth", root(), child())
                .denies("4g", "a larger one", root(), child().with("del_max_depth", "9"))
                .permits("4m", "its own depth as the largest", root(), child().with("del_max_depth", "1"))
                .denies("4m", "a largest depth above itself", root(), child().with("del_max_depth", "0"))
                .permits("4h", "its parent's exp", root(), child())
                .denies("4h", "one second later", root(), lifetime(-5, 601))
                .permits("4i", "one second left", root(), lifetime(-5, 1))
                .denies("4i", "expired this second", root(), lifetime(-5, 0))
                .permits("4j", "its parent's iat", root(), lifetime(-10, 600))
                .denies("4j", "one second earlier", root(), lifetime(-11, 600))
                .permits("4k", "30 s ahead", root(), lifetime(30, 600))
                .denies("4k", "31 s ahead", root(), lifetime(31, 600))
                .permits("4l", "a lifetime of one second", root(), lifetime(20, 21))
                .denies("4l", "exp is iat", root(), lifetime(20, 20))
                .permits("5", "a chain as long as its leaf is deep", root(), child())
                .denies("5", "3b", "a chain without its root", Presentation.of(child()))
                .denies("5", "4b", "a chain without its middle", deep.withChain(List.of(eight.get(0), eight.get(2))));
    }

    private static Presentation eight(List<String> chain) {
        return Presentation.of(leaf(8)).withChain(chain);
    }

    /** The leaf of {@link dev.errand.token.TestChains#chain}. */
    private static TestToken leaf(int derived) {
        TestToken token = root();
        for (int i = 0; i < derived; i++) {
            token = child(token, i % 2 == 0 ? CHILD_HOLDER : LEAF_HOLDER);
        }
        return token;
    }

    /** A chain whose root allows more than we do: it must be an earlier one's, since 3i refuses such a root today. */
    private static Presentation longer(List<String> eight) {
        return eight(eight).with(new Limits(16 << 10, 48 << 10, 7, 32, 7_776_000, 30));
    }

    private static StepRows capabilities() {
        String two = "[" + capability(TOOLS) + "," + capability(TOOLS) + "]";
        TestToken empty = child().with("authorization_details", "[]");
        return new StepRows()
                .permits(
                        "4n",
                        "one entry among others",
                        root(),
                        child().with("authorization_details", "[{\"type\":\"x\"}," + capability(TOOLS) + "]"))
                .denies("4n", "two entries", root(), child().with("authorization_details", two))
                .denies("4n", "tools that are a number", root(), child().withTools("7"))
                .denies("4n", "a tool that is an array", root(), child().withTools("{\"vault:kv.read\":[]}"))
                .permits("4o", "every constraint well-formed", root(), child())
                .denies(
                        "4o",
                        "an unknown constraint",
                        root(),
                        child().withTools("{\"vault:kv.read\":{\"resource\":{\"constraint_type\":\"regex\"}}}"))
                .permits("4p1", "fewer tools", root(), child().withTools(TOOLS.replace(",\"ci:pipeline.get\":{}", "")))
                .denies("4p1", "one tool more", root(), child().withTools("{\"k8s:pods.delete\":{}}"))
                .denies("4p1", "a tool in capitals", root(), child().withTools("{\"CI:pipeline.get\":{}}"))
                .denies(
                        "4p1",
                        "any tool below none",
                        Presentation.of(root(), empty, child(empty, LEAF_HOLDER).withTools("{\"ci:pipeline.get\":{}}")))
                .permits("4p2", "keys named below an open map", tools(t(""), t(exact("a", 1))))
                .permits(
                        "4p2",
                        "a new key below an open map",
                        tools(OPEN, t(exact("a", 1) + "," + exact("z", 1).replace("1}", "1,\"optional\":true}"))))
                .permits("4p2", "an optional key left out", tools(OPTIONAL, t(exact("a", 1))))
                .permits("4p2", "the open end closed", tools(OPEN, t(exact("a", 1))))
                .denies("4p2", "a new key", tools(t(exact("a", 1)), t(exact("a", 1) + "," + exact("z", 1))))
                .denies(
                        "4p2",
                        "a required key left out",
                        tools(t(exact("a", 1) + "," + exact("b", 1)), t(exact("a", 1))))
                .denies("4p2", "a closed map opened", tools(t(exact("a", 1)), OPEN))
                .denies("4p2", "a closed map made empty", tools(t(exact("a", 1)), t("")))
                .denies(
                        "4p2",
                        "an optional key left out of an open map",
                        tools(
                                OPEN.replace("1},", "1,\"optional\":true},"),
                                t("\"*\":{\"constraint_type\":\"wildcard\"}")))
                .permits(
                        "4p3",
                        "optional made required",
                        tools(t(exact("a", 1).replace("1}", "1,\"optional\":true}")), t(exact("a", 1))))
                .denies(
                        "4p3",
                        "required made optional",
                        tools(t(exact("a", 1)), t(exact("a", 1).replace("1}", "1,\"optional\":true}"))))
                .permits("4p4", "the same value", tools(t(exact("a", 1)), t(exact("a", 1))))
                .denies("4p4", "another value", tools(t(exact("a", 1)), t(exact("a", 2))))
                .denies(
                        "4p4",
                        "a wildcard under a value",
                        tools(t(exact("a", 1)), t("\"a\":{\"constraint_type\":\"wildcard\"}")))
                .permits("6a", "one entry in the leaf", root(), child())
                .denies("6a", "none in the leaf", root(), child().with("authorization_details", "[]"))
                .permits("6c", "no aud", root().without("aud"))
                .permits("6c", "our name among others", root().with("aud", "[\"https://x\",\"" + ISSUER + "\"]"))
                .denies("6c", "another name in the leaf", root(), child().withText("aud", "https://x"))
                .denies("6c", "another name in the root", aud(root().withText("aud", "https://x")))
                .denies("6c", "our name with a slash", root(), child().withText("aud", ISSUER + "/"))
                .denies("6c", "an empty array", root(), child().with("aud", "[]"))
                .denies("6c", "a number", root(), child().with("aud", "7"));
    }

    private static Presentation aud(TestToken root) {
        return Presentation.of(root, child(root, CHILD_HOLDER));
    }

    static Stream<Arguments> table() {
        return Stream.of(headersAndClaims(), depthsAndTimes(), capabilities()).flatMap(StepRows::arguments);
    }

    @ParameterizedTest(name = "{0} {1}: {2}")
    @MethodSource("table")
    void verify_child_isAsTheTableSays(String step, String what, String expected, Presentation presentation) {
        String standard = presentation.inTheStandardsOrder();
        assertThat(presentation.inTheGatewaysOrder()).isEqualTo(expected);
        // A chain that is too long is refused by its length before anything is verified, or by what its root allows.
        assertThat(standard).isIn(expected.equals("4f") ? List.of("3i", "4e", "4f") : List.of(expected));
    }

    @Test
    void table_hasBothVerdictsForEveryStep() {
        for (boolean permitted : new boolean[] {true, false}) {
            assertThat(Stream.of(headersAndClaims(), depthsAndTimes(), capabilities())
                            .flatMap(rows -> rows.steps(permitted).stream()))
                    .contains("2c", "4a", "4b", "4c", "4d", "4e", "4f", "4g", "4h", "4i", "4j", "4k", "4l", "4m", "4n")
                    .contains("4o", "4p1", "4p2", "4p3", "4p4", "4q", "5", "6a", "6c");
        }
    }
}
