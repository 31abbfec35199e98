package dev.errand.it;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;

/**
 * Chains whose signatures verify and which are wrong otherwise, with a proof that is none: the proof is judged first, and
 * nothing that the signatures cover. Where a signature does not verify, the proof is not looked at.
 */
final class OrderCases {
    private static final String DETAILS = "authorization_details";

    private OrderCases() {}

    static List<Case> all(Scene scene) {
        Cases cases = new Cases(scene);
        unproven(scene, cases, "an expired root", () -> scene.forged(c -> Edit.set(c, "exp", "" + (now() - 1))));
        unproven(
                scene,
                cases,
                "a root of an unknown constraint",
                () -> scene.forged(tools("{\"constraint_type\":\"regex\"}")));
        unproven(scene, cases, "a root of 270 clauses", () -> scene.forged(tools(clauses(270))));
        unproven(scene, cases, "a root without an agent", () -> scene.forged(c -> Edit.remove(c, "act")));
        unproven(
                scene,
                cases,
                "an expired child",
                () -> scene.derived(c -> Edit.set(Edit.set(c, "iat", "" + (now() - 5)), "exp", "" + (now() - 1))));
        unproven(
                scene,
                cases,
                "a child of its grandparent's depth",
                () -> scene.derived(c -> Edit.set(c, "del_depth", "0")));
        unproven(
                scene,
                cases,
                "a child of another parent's hash",
                () -> scene.derived(c -> Edit.set(c, "par_hash", "\"" + "A".repeat(43) + "\"")));
        unproven(scene, cases, "a child of 270 clauses", () -> scene.derived(tools(clauses(270))));
        unproven(scene, cases, "a child of wider budgets", () -> scene.derived(c -> Edit.set(c, DETAILS, "[]")));
        cases.token(
                        "4b",
                        "a child that another signed, with a proof by another key",
                        () -> stranger(scene.root()
                                .below(
                                        scene.child().key(),
                                        scene.other()
                                                .key()
                                                .jws(
                                                        Jws.header(scene.child().token()),
                                                        Jws.payload(
                                                                scene.child().token())))))
                .token("3n", "a root of 65 clauses, proven", () -> Attempt.by(scene.forged(tools(clauses(65)))))
                .token(
                        "3a",
                        "a root by EdDSA",
                        () -> Attempt.by(scene.forged(
                                Edit.set(scene.rootHeader(), "alg", "\"EdDSA\""), UnaryOperator.identity())))
                .token(
                        "4a",
                        "a child by EdDSA",
                        () -> Attempt.by(scene.derived(
                                Edit.set(Jws.header(scene.child().token()), "alg", "\"EdDSA\""),
                                UnaryOperator.identity())))
                .token(
                        "3n",
                        "a root of a range with min above max",
                        () -> Attempt.by(scene.forged(tools("{\"constraint_type\":\"range\",\"min\":2,\"max\":1}"))))
                .token(
                        "4o",
                        "a child of a range with min above max",
                        () -> Attempt.by(scene.derived(tools("{\"constraint_type\":\"range\",\"min\":2,\"max\":1}"))))
                .token(
                        "4f",
                        "more tokens than a chain has",
                        () -> Attempt.by(new TestAgent(
                                scene.child().key(),
                                scene.child().token(),
                                Collections.nCopies(12, scene.root().token()))));
        return cases.all();
    }

    /** The same with a proof by another key, with none, and with one that was made for another path. */
    private static void unproven(Scene scene, Cases cases, String what, java.util.function.Supplier<TestAgent> holder) {
        cases.proof("7", what + ", and a proof by another key", () -> stranger(holder.get()))
                .proof("7a", what + ", and no proof", () -> Attempt.by(holder.get(), null))
                .proof("7b", what + ", and another's AAT-PoP", () -> {
                    TestAgent agent = holder.get();
                    TestKey key = TestKey.ed25519("stranger");
                    return Attempt.aat(
                            agent, Attempt.pop(agent, key, Attempt.popHeader(key), UnaryOperator.identity()));
                });
    }

    private static Attempt stranger(TestAgent agent) {
        TestKey key = TestKey.ed25519("stranger");
        return Attempt.by(agent, key.jws(Attempt.dpopHeader(key), Attempt.dpopClaims(agent)));
    }

    private static UnaryOperator<String> tools(String constraint) {
        return claims -> Edit.set(
                Edit.set(claims, "jti", "\"" + UUID.randomUUID() + "\""),
                DETAILS,
                "[{\"type\":\"attenuating_agent_token\",\"tools\":{\"vault:kv.read\":{\"resource\":" + constraint
                        + "}}}]");
    }

    private static String clauses(int count) {
        return "{\"constraint_type\":\"all\",\"constraints\":["
                + String.join(",", Collections.nCopies(count, "{\"constraint_type\":\"wildcard\"}")) + "]}";
    }

    private static long now() {
        return Instant.now().getEpochSecond();
    }
}
