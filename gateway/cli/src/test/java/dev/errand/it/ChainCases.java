package dev.errand.it;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Chains of good tokens that do not belong together, and tokens and chains beyond our bounds. */
final class ChainCases {
    private ChainCases() {}

    static List<Case> all(Scene scene) {
        Cases cases = new Cases(scene);
        arrangements(scene, cases);
        strangers(scene, cases);
        sizes(scene, cases);
        return cases.all();
    }

    private static TestAgent chain(TestAgent leaf, String... ancestors) {
        return new TestAgent(leaf.key(), leaf.token(), List.of(ancestors));
    }

    private static void arrangements(Scene scene, Cases cases) {
        String root = scene.root().token();
        String child = scene.child().token();
        TestAgent grandchild = scene.grandchild();
        cases.token("3b", "ancestors in reverse", () -> Attempt.by(chain(grandchild, child, root)))
                .token("4b", "a chain without its middle", () -> Attempt.by(chain(grandchild, root)))
                .token("3b", "a chain without its root", () -> Attempt.by(chain(grandchild, child)))
                .token("2c", "the root twice", () -> Attempt.by(chain(scene.child(), root, root)))
                .token("2c", "the leaf among its ancestors", () -> Attempt.by(chain(scene.child(), root, child)))
                .token("2c", "a root above itself", () -> Attempt.by(chain(scene.root(), root)))
                .token(
                        "3a",
                        "an empty chain header",
                        () -> Attempt.by(scene.child()).with("Delegation-Chain", ""))
                .token(
                        "3a",
                        "an empty chain header above a root",
                        () -> Attempt.by(scene.root()).with("Delegation-Chain", ""))
                .token("4a", "an empty element", () -> Attempt.by(scene.child()).with("Delegation-Chain", root + ","))
                .token("3a", "a chain of noise", () -> Attempt.by(scene.child()).with("Delegation-Chain", "a, b, c"))
                .token(
                        "4a",
                        "ancestors divided by semicolons",
                        () -> Attempt.by(grandchild).with("Delegation-Chain", root + ", " + child + ";" + child))
                .token("3b", "a child as its own root", () -> Attempt.by(chain(scene.child(), child)))
                .refused(
                        401,
                        "chain-incomplete",
                        "ancestors that nobody sent",
                        () -> Attempt.by(fresh(scene).child().withoutChain()))
                .refused(
                        401,
                        "chain-incomplete",
                        "ancestors that only the other replica knows",
                        () -> Attempt.by(scene.child().withoutChain()))
                .atTheReplica();
    }

    /** A child that no call was made by. */
    private static TestAgent fresh(Scene scene) {
        return scene.root().child();
    }

    private static void strangers(Scene scene, Cases cases) {
        TestAgent child = scene.child();
        cases.token(
                        "4b",
                        "a child below the root of another task",
                        () -> Attempt.by(chain(child, scene.other().token())))
                .token("4q", "a token of the same key from another task", () -> {
                    TestKey shared = scene.root().key();
                    TestAgent twin = TestAgent.explore(scene.gateway(), scene.human(), scene.workloads(), shared);
                    return Attempt.by(chain(scene.root().child(), twin.token()));
                })
                .token(
                        "4b",
                        "a grandchild below its parent's sibling",
                        () -> Attempt.by(chain(
                                scene.grandchild(),
                                scene.root().token(),
                                scene.sibling().token())))
                .token(
                        "4b",
                        "a root of another task above a good chain",
                        () -> Attempt.by(chain(
                                scene.grandchild(),
                                scene.other().token(),
                                scene.root().token(),
                                child.token())))
                .proof(
                        "7",
                        "a sibling's token with one's own key",
                        () -> Attempt.by(new TestAgent(
                                child.key(),
                                scene.sibling().token(),
                                scene.sibling().ancestors())))
                .proof(
                        "7",
                        "the parent's token with the child's key",
                        () -> Attempt.by(new TestAgent(child.key(), scene.root().token(), List.of())))
                .proof(
                        "7",
                        "the child's token with the parent's key",
                        () -> Attempt.by(new TestAgent(scene.root().key(), child.token(), child.ancestors())))
                .token("4e", "deeper than the root allows", () -> {
                    TestAgent deep = scene.root();
                    for (int depth = 1; depth <= 6; depth++) {
                        deep = deep.child();
                    }
                    return Attempt.by(below(deep, c -> Edit.set(c, "del_depth", "7")));
                });
    }

    /** A child that its parent writes with changed claims, though it must not. */
    private static TestAgent below(TestAgent parent, UnaryOperator<String> claims) {
        TestKey key = TestKey.ed25519("below");
        String plain = Jws.payload(parent.token());
        plain = Edit.set(plain, "jti", "\"" + java.util.UUID.randomUUID() + "\"");
        plain = Edit.set(
                plain,
                "iss",
                "\"urn:ietf:params:oauth:jwk-thumbprint:sha-256:" + parent.key().thumbprint() + "\"");
        plain = Edit.set(plain, "cnf", "{\"jwk\":" + key.publicJwk("") + "}");
        plain = Edit.set(plain, "par_hash", "\"" + Jws.sha256(Jws.signingInput(parent.token())) + "\"");
        return parent.below(key, parent.key().jws(Jws.header(parent.token()), claims.apply(plain)));
    }

    private static void sizes(Scene scene, Cases cases) {
        cases.root("2a", "a root of more than 16 KiB", padded(13_000))
                .token("2a", "a child of more than 16 KiB", () -> Attempt.by(scene.derived(padded(13_000))))
                .token(
                        "2a",
                        "an ancestor of more than 16 KiB",
                        () -> Attempt.by(scene.child())
                                .with(
                                        "Delegation-Chain",
                                        scene.forged(padded(13_000)).token()))
                .token("2b", "a chain of more than 48 KiB", () -> {
                    String big = scene.forged(padded(10_000)).token();
                    List<String> ancestors = new ArrayList<>();
                    while (ancestors.stream().mapToInt(String::length).sum() <= 48 * 1024) {
                        ancestors.add(big);
                    }
                    return Attempt.by(
                            new TestAgent(scene.child().key(), scene.child().token(), ancestors));
                });
    }

    private static UnaryOperator<String> padded(int characters) {
        return c -> Edit.set(c, "padding", "\"" + "x".repeat(characters) + "\"");
    }
}
