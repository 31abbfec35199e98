package dev.errand.token;

import static dev.errand.token.Presentation.ARGUMENTS;
import static dev.errand.token.Presentation.TOOL;
import static dev.errand.token.TestChains.CHILD_HOLDER;
import static dev.errand.token.TestChains.ISSUER;
import static dev.errand.token.TestChains.LEAF_HOLDER;
import static dev.errand.token.TestChains.NOW_SECONDS;
import static dev.errand.token.TestChains.ROOT_HOLDER;
import static dev.errand.token.TestChains.child;
import static dev.errand.token.TestChains.root;
import static dev.errand.token.TestToken.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Steps 6b and 7a to 7g of AAT-02 section 5; a nonce and a repeated {@code jti} (7h, 7i) are the gateway's to judge. */
class ProofStepsTableTest {
    private static Presentation pop(UnaryOperator<TestToken> change) {
        return Presentation.of(root()).with(change.apply(Presentation.pop(root(), TOOL, ARGUMENTS)));
    }

    /** A call of {@code t} with these arguments, under a root of these constraints. */
    private static Presentation call(String constraints, String arguments) {
        return Presentation.of("t", arguments, root().withTools("{\"t\":{" + constraints + "}}"));
    }

    private static StepRows arguments() {
        String number = "\"n\":{\"constraint_type\":\"range\",\"min\":1}";
        String optional = "\"n\":{\"constraint_type\":\"range\",\"min\":1,\"optional\":true}";
        String open = number + ",\"*\":{\"constraint_type\":\"wildcard\"}";
        return new StepRows()
                .permits("6b", "what is constrained", call(number, "{\"n\":1}"))
                .permits("6b", "an optional argument left out", call(optional, "{}"))
                .permits("6b", "any argument where none is named", call("", "{\"z\":[1,{}]}"))
                .permits("6b", "a further argument where the map is open", call(open, "{\"n\":1,\"z\":true}"))
                .permits("6b", "the same number in another spelling", call(number, "{\"n\":1.0}"))
                .denies("6b", "another value", call(number, "{\"n\":0}"))
                .denies("6b", "a named argument left out", call(number, "{}"))
                .denies("6b", "an argument that nobody named", call(number, "{\"n\":1,\"z\":true}"))
                .denies("6b", "an optional argument of another value", call(optional, "{\"n\":0}"))
                .denies("6b", "a tool that is not granted", Presentation.of("u", "{}", root()))
                .denies("6b", "7f", "a number that no double keeps", call("", "{\"z\":9007199254740993}"));
    }

    private static StepRows proofs() {
        TestToken child = child();
        return new StepRows()
                .permits("7a", "Ed25519", pop(p -> p))
                .permits("7a", "ES256", root(), child)
                .denies("7a", "EdDSA", pop(p -> p.withHeader("alg", text("EdDSA"))))
                .denies("7a", "none", pop(p -> p.withHeader("alg", text("none"))))
                .denies("7a", "no typ", pop(p -> p.withHeader("typ", null)))
                .denies("7a", "the typ of a token", pop(p -> p.withHeader("typ", text("aat+jwt"))))
                .denies("7a", "the typ of a DPoP proof", pop(p -> p.withHeader("typ", text("dpop+jwt"))))
                .denies("7a", "a crit", pop(p -> p.withHeader("crit", "[\"x\"]")))
                .permits(
                        "7b", "a key in the header, which is ignored", pop(p -> p.withHeader("jwk", LEAF_HOLDER.jwk())))
                .denies("7b", "another key", pop(p -> p.signedBy(LEAF_HOLDER)))
                .denies(
                        "7b",
                        "another key in the header",
                        pop(p -> p.signedBy(LEAF_HOLDER).withHeader("jwk", LEAF_HOLDER.jwk())))
                .denies(
                        "7b",
                        "the parent's key",
                        Presentation.of(root(), child)
                                .with(Presentation.pop(child, TOOL, ARGUMENTS).signedBy(ROOT_HOLDER)))
                .denies("7b", "7c", "a member twice", pop(p -> p.withExtra(",\"jti\":\"again\"")))
                .permits("7c", "a jti of 128 characters", pop(p -> p.withText("jti", "j".repeat(128))))
                .denies("7c", "a jti of 129", pop(p -> p.withText("jti", "j".repeat(129))))
                .denies("7c", "an empty jti", pop(p -> p.withText("jti", "")))
                .denies("7c", "no iat", pop(p -> p.without("iat")))
                .denies("7c", "an iat with a fraction", pop(p -> p.with("iat", NOW_SECONDS + ".5")))
                .denies("7c", "another token's jti", pop(p -> p.withText("aat_id", "child-1")))
                .denies("7c", "no aat_id", pop(p -> p.without("aat_id")))
                .denies("7c", "another token's hash", pop(p -> p.withText("aat_hash", child.hash())))
                .denies("7c", "no aat_hash", pop(p -> p.without("aat_hash")))
                .denies("7c", "no tool", pop(p -> p.without("aat_tool")))
                .denies("7c", "an empty tool", pop(p -> p.withText("aat_tool", "")))
                .denies("7c", "no hta", pop(p -> p.without("hta")))
                .denies("7c", "an hta that is an array", pop(p -> p.with("hta", "[]")))
                .permits("7d", "our name", pop(p -> p.withText("aat_aud", ISSUER)))
                .permits(
                        "7d",
                        "our name among others",
                        pop(p -> p.with("aat_aud", "[\"https://x\",\"" + ISSUER + "\"]")))
                .denies("7d", "another name", pop(p -> p.withText("aat_aud", "https://x")))
                .denies("7d", "a number", pop(p -> p.with("aat_aud", "7")))
                .permits("7e", "the tool that is called", pop(p -> p))
                .denies("7e", "another tool that is granted", pop(p -> p.withText("aat_tool", "ci:pipeline.get")))
                .denies("7e", "the tool in capitals", pop(p -> p.withText("aat_tool", "VAULT:kv.read")))
                .permits("7f", "the arguments in another order", two("{\"b\":2,\"a\":1}"))
                .permits("7f", "a number in another spelling", two("{\"a\":1.0,\"b\":2}"))
                .denies("7f", "other arguments", pop(p -> p.with("hta", "{\"resource\":\"secret/ci\"}")))
                .denies("7f", "one argument more", two("{\"a\":1,\"b\":2,\"c\":3}"))
                .denies("7f", "none", two("{}"))
                .permits("7g", "30 s old", pop(p -> p.with("iat", Long.toString(NOW_SECONDS - 30))))
                .permits("7g", "30 s ahead", pop(p -> p.with("iat", Long.toString(NOW_SECONDS + 30))))
                .denies("7g", "31 s old", pop(p -> p.with("iat", Long.toString(NOW_SECONDS - 31))))
                .denies("7g", "31 s ahead", pop(p -> p.with("iat", Long.toString(NOW_SECONDS + 31))))
                .permits(
                        "8",
                        "all of it",
                        Presentation.of(
                                root(), child, child(child, CHILD_HOLDER).withText("jti", "leaf")));
    }

    private static Presentation two(String proven) {
        TestToken root = root().withTools("{\"t\":{}}");
        return Presentation.of("t", "{\"a\":1,\"b\":2}", root).with(Presentation.pop(root, "t", proven));
    }

    static Stream<Arguments> table() {
        return Stream.of(arguments(), proofs()).flatMap(StepRows::arguments);
    }

    @ParameterizedTest(name = "{0} {1}: {2}")
    @MethodSource("table")
    void verify_call_isAsTheTableSays(String step, String what, String expected, Presentation presentation) {
        boolean permitted = expected.equals(Presentation.PERMIT);
        assertThat(presentation.inTheGatewaysOrder().equals(Presentation.PERMIT))
                .isEqualTo(permitted);
        assertThat(presentation.inTheStandardsOrder().equals(Presentation.PERMIT))
                .isEqualTo(permitted);
        if (!step.equals("6b")) {
            assertThat(presentation.inTheStandardsOrder()).isEqualTo(expected);
            assertThat(presentation.inTheGatewaysOrder()).isEqualTo(expected);
        }
    }

    @Test
    void table_hasBothVerdictsForEveryStep() {
        for (boolean permitted : new boolean[] {true, false}) {
            assertThat(Stream.of(arguments(), proofs()).flatMap(rows -> rows.steps(permitted).stream()))
                    .contains("6b", "7a", "7b", "7c", "7d", "7e", "7f", "7g");
        }
    }
}
