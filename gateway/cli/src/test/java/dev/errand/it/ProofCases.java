package dev.errand.it;

import dev.errand.json.Jcs;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;

/** Proofs that are wrong in one thing: DPoP (RFC 9449 section 4.3) and AAT-PoP (AAT-02 steps 7a to 7i). */
final class ProofCases {
    private ProofCases() {}

    static List<Case> all(Scene scene) {
        Cases cases = new Cases(scene);
        targets(scene, cases);
        claims(scene, cases);
        headers(scene, cases);
        demands(scene, cases);
        replays(scene, cases);
        pops(scene, cases);
        return cases.all();
    }

    private static Cases dpop(Scene scene, Cases cases, String name, UnaryOperator<String> claims) {
        return cases.proof("7", name, () -> Attempt.by(scene.root(), Attempt.dpop(scene.root(), claims)));
    }

    private static UnaryOperator<String> htu(String url) {
        return c -> Edit.set(c, "htu", "\"" + url + "\"");
    }

    private static void targets(Scene scene, Cases cases) {
        String path = TestAgent.READ;
        dpop(scene, cases, "a proof for another path", htu(RunningGateway.ISSUER + path + "b"));
        dpop(scene, cases, "a proof for the path with a slash", htu(RunningGateway.ISSUER + path + "/"));
        dpop(scene, cases, "a proof for the path behind the gateway", htu(RunningGateway.ISSUER + path.substring(6)));
        dpop(scene, cases, "a proof for another authority", htu("https://other.example.org" + path));
        dpop(scene, cases, "a proof for another port", htu(RunningGateway.ISSUER + ":8443" + path));
        dpop(scene, cases, "a proof for http", htu("http://gateway.example.org" + path));
        dpop(scene, cases, "a proof for a path alone", htu(path));
        dpop(scene, cases, "no htu", c -> Edit.remove(c, "htu"));
        dpop(
                scene,
                cases,
                "a proof for the address behind the name",
                c -> htu("http://127.0.0.1:" + scene.gateway().port() + path).apply(c));
        cases.proof(
                        "7",
                        "a spoofed Host that the proof agrees with",
                        () -> Attempt.by(
                                        scene.root(), Attempt.dpop(scene.root(), htu("http://evil.example.net" + path)))
                                .plus("Host: evil.example.net"))
                .proof(
                        "7",
                        "a spoofed X-Forwarded-Host that the proof agrees with",
                        () -> Attempt.by(
                                        scene.root(),
                                        Attempt.dpop(scene.root(), htu("https://evil.example.net" + path)))
                                .plus("X-Forwarded-Host: evil.example.net")
                                .plus("X-Forwarded-Proto: https")
                                .plus("Forwarded: host=evil.example.net;proto=https"))
                .proof(
                        "7",
                        "a proof for another method",
                        () -> Attempt.by(scene.root()).to("PUT", path));
        dpop(scene, cases, "a method in small letters", c -> Edit.set(c, "htm", "\"get\""));
        dpop(scene, cases, "no htm", c -> Edit.remove(c, "htm"));
    }

    private static void claims(Scene scene, Cases cases) {
        dpop(
                scene,
                cases,
                "the hash of another token",
                c -> Edit.set(c, "ath", "\"" + Jws.sha256(scene.child().token()) + "\""));
        dpop(
                scene,
                cases,
                "the hash of the signing input",
                c -> Edit.set(
                        c,
                        "ath",
                        "\"" + Jws.sha256(Jws.signingInput(scene.root().token())) + "\""));
        dpop(scene, cases, "no ath", c -> Edit.remove(c, "ath"));
        dpop(scene, cases, "a stale iat", c -> Edit.set(c, "iat", "" + (now() - 35)));
        dpop(scene, cases, "a future iat", c -> Edit.set(c, "iat", "" + (now() + 35)));
        dpop(scene, cases, "an iat in milliseconds", c -> Edit.set(c, "iat", "" + now() * 1000));
        dpop(scene, cases, "an iat as a string", c -> Edit.set(c, "iat", "\"" + now() + "\""));
        dpop(scene, cases, "no iat", c -> Edit.remove(c, "iat"));
        dpop(scene, cases, "no jti", c -> Edit.remove(c, "jti"));
        dpop(scene, cases, "an empty jti", c -> Edit.set(c, "jti", "\"\""));
        dpop(scene, cases, "a jti of 129 characters", c -> Edit.set(c, "jti", "\"" + "j".repeat(129) + "\""));
        dpop(scene, cases, "a jti that is a number", c -> Edit.set(c, "jti", "1"));
        dpop(scene, cases, "a member twice", c -> Edit.duplicate(c, "ath", "\"x\""));
        dpop(scene, cases, "claims that are an array", c -> "[" + c + "]");
        dpop(scene, cases, "a tool that is no string", c -> Edit.set(c, "aat_tool", "1"));
        dpop(scene, cases, "a proof of more than 16 KiB", c -> Edit.set(c, "x", "\"" + "x".repeat(13_000) + "\""));
    }

    private static long now() {
        return Instant.now().getEpochSecond();
    }

    private static Cases header(Scene scene, Cases cases, String name, UnaryOperator<String> header) {
        TestAgent root = scene.root();
        return cases.proof(
                "7",
                name,
                () -> Attempt.by(
                        root, root.key().jws(header.apply(Attempt.dpopHeader(root.key())), Attempt.dpopClaims(root))));
    }

    private static void headers(Scene scene, Cases cases) {
        TestAgent root = scene.root();
        TestKey stranger = TestKey.ed25519("stranger");
        TestKey p256 = TestKey.p256("p256");
        header(scene, cases, "typ JWT", h -> Edit.set(h, "typ", "\"JWT\""));
        header(scene, cases, "no typ", h -> Edit.remove(h, "typ"));
        header(scene, cases, "no jwk", h -> Edit.remove(h, "jwk"));
        header(
                scene,
                cases,
                "a private jwk",
                h -> Edit.set(h, "jwk", Jcs.canonical(root.key().jwk())));
        header(scene, cases, "b64 false", h -> Edit.set(h, "b64", "false"));
        header(scene, cases, "an unknown crit", h -> Edit.set(h, "crit", "[\"x\"]"));
        header(scene, cases, "alg none, but signed", h -> Edit.set(h, "alg", "\"none\""));
        header(scene, cases, "RS256", h -> Edit.set(h, "alg", "\"RS256\""));
        header(scene, cases, "an alg that the key has not", h -> Edit.set(h, "alg", "\"ES256\""));
        header(scene, cases, "a stranger's jwk", h -> Edit.set(h, "jwk", stranger.publicJwk("")));
        cases.proof(
                        "7",
                        "a stranger's proof",
                        () -> Attempt.by(root, stranger.jws(Attempt.dpopHeader(stranger), Attempt.dpopClaims(root))))
                .proof(
                        "7",
                        "a stranger's signature under the holder's jwk",
                        () -> Attempt.by(root, stranger.jws(Attempt.dpopHeader(root.key()), Attempt.dpopClaims(root))))
                .proof(
                        "7",
                        "alg none",
                        () -> Attempt.by(
                                root,
                                Jws.input(
                                                Edit.set(Attempt.dpopHeader(root.key()), "alg", "\"none\""),
                                                Attempt.dpopClaims(root))
                                        + "."))
                .proof("7", "HS256 with the public key as its secret", () -> {
                    String input = Jws.input(
                            Edit.set(Attempt.dpopHeader(root.key()), "alg", "\"HS256\""), Attempt.dpopClaims(root));
                    byte[] secret = root.key().publicJwk("").getBytes(StandardCharsets.UTF_8);
                    return Attempt.by(root, input + "." + Jws.base64(Jws.hmac(input, secret)));
                })
                .proof(
                        "7",
                        "an all-zero Ed25519 signature",
                        () -> Attempt.by(root, Jws.resigned(Attempt.dpop(root, c -> c), new byte[64])))
                .proof("7", "an all-zero ES256 signature", () -> {
                    TestAgent es256 = TestAgent.explore(scene.gateway(), scene.human(), scene.workloads(), p256);
                    return Attempt.by(es256, Jws.resigned(Attempt.dpop(es256, c -> c), new byte[64]));
                })
                .proof("7", "the token as its own proof", () -> Attempt.by(root, root.token()))
                .proof("7", "noise", () -> Attempt.by(root, "a.b.c"))
                .proof("7", "an empty proof", () -> Attempt.by(root, ""));
    }

    private static void demands(Scene scene, Cases cases) {
        TestAgent root = scene.root();
        cases.holder(
                        401,
                        "invalid-proof",
                        "7e",
                        "a DPoP proof for another tool",
                        () -> Attempt.by(root, Attempt.dpop(root, c -> Edit.set(c, "aat_tool", "\"vault:kv.write\""))))
                .holder(
                        401,
                        "invalid-proof",
                        "7f",
                        "a DPoP proof for other arguments",
                        () -> Attempt.by(
                                root,
                                Attempt.dpop(
                                        root, c -> Edit.set(c, "hta", "{\"resource\":\"secret/docs/payments/b\"}"))))
                .holder(
                        401,
                        "invalid-proof",
                        "7f",
                        "a DPoP proof for a number that no double is",
                        () -> Attempt.by(root, Attempt.dpop(root, c -> Edit.set(c, "hta", "{\"resource\":1e400}"))))
                .holder(403, "not-granted", "6b", "an operation that the leaf has not", () -> {
                    TestAgent reader = root.child(
                            "{\"vault:kv.read\":{\"resource\":{\"constraint_type\":\"exact\",\"value\":"
                                    + "\"secret/docs/payments/a\"}}}",
                            "{}",
                            null);
                    return Attempt.by(reader, reader.dpop("PUT", TestAgent.READ))
                            .to("PUT", TestAgent.READ);
                })
                .holder(403, "constraint-violated", "6b", "a resource outside the leaf's", () -> {
                    String elsewhere = "/vault/v1/secret/data/prod/db";
                    return Attempt.by(root, root.dpop("GET", elsewhere)).to("GET", elsewhere);
                });
    }

    private static void replays(Scene scene, Cases cases) {
        TestAgent root = scene.root();
        cases.holder(401, "invalid-proof", "7i", "a replay", () -> permittedOnce(scene, Attempt.by(root)))
                .holder(
                        401,
                        "invalid-proof",
                        "7i",
                        "a replay on the second replica",
                        () -> permittedOnce(scene, Attempt.by(root)))
                .atTheReplica()
                .holder(401, "invalid-proof", "7i", "a replay of a call that was denied", () -> {
                    String elsewhere = "/vault/v1/secret/data/prod/db";
                    Attempt denied =
                            Attempt.by(root, root.dpop("GET", elsewhere)).to("GET", elsewhere);
                    denied.send(scene.gateway());
                    return denied;
                })
                .holder(
                        401,
                        "invalid-proof",
                        "7i",
                        "a replay of an AAT proof",
                        () -> permittedOnce(scene, Attempt.aat(root, c -> c)))
                .holder(
                        401,
                        "invalid-proof",
                        "7i",
                        "a replay of an AAT proof on the second replica",
                        () -> permittedOnce(scene, Attempt.aat(root, c -> c)))
                .atTheReplica();
    }

    private static Attempt permittedOnce(Scene scene, Attempt attempt) {
        int status = attempt.send(scene.gateway()).status();
        if (status != 200) {
            throw new AssertionError("the first use was answered " + status);
        }
        scene.upstream().forget();
        return attempt;
    }

    private static void pops(Scene scene, Cases cases) {
        TestAgent root = scene.root();
        TestKey stranger = TestKey.ed25519("stranger");
        String header = Attempt.popHeader(root.key());
        pop(scene, cases, "7a", "an AAT proof of another typ", Edit.set(header, "typ", "\"dpop+jwt\""), root.key());
        pop(scene, cases, "7a", "an AAT proof with alg none", Edit.set(header, "alg", "\"none\""), root.key());
        pop(scene, cases, "7a", "an AAT proof with an unknown crit", Edit.set(header, "crit", "[\"x\"]"), root.key());
        pop(scene, cases, "7b", "an AAT proof by a stranger", header, stranger);
        pop(
                scene,
                cases,
                "7b",
                "an AAT proof by an embedded key",
                Edit.set(header, "jwk", stranger.publicJwk("")),
                stranger);
        cases.proof(
                "7b",
                "an AAT proof with an all-zero signature",
                () -> Attempt.aat(root, Jws.resigned(Attempt.pop(root, root.key(), header, c -> c), new byte[64])));
        popClaims(scene, cases, "7c", "a member twice", c -> Edit.duplicate(c, "aat_tool", "\"x\""));
        popClaims(scene, cases, "7c", "another token's jti", c -> Edit.set(c, "aat_id", "\"other\""));
        popClaims(
                scene,
                cases,
                "7c",
                "another token's hash",
                c -> Edit.set(c, "aat_hash", "\"" + Jws.sha256("other") + "\""));
        popClaims(scene, cases, "7c", "no arguments", c -> Edit.remove(c, "hta"));
        popClaims(scene, cases, "7c", "arguments that are an array", c -> Edit.set(c, "hta", "[]"));
        popClaims(scene, cases, "7c", "no jti", c -> Edit.remove(c, "jti"));
        popClaims(
                scene, cases, "7c", "a jti of 129 characters", c -> Edit.set(c, "jti", "\"" + "j".repeat(129) + "\""));
        popClaims(scene, cases, "7c", "an iat with a fraction", c -> Edit.set(c, "iat", now() + ".5"));
        popClaims(
                scene,
                cases,
                "7d",
                "another enforcement point",
                c -> Edit.set(c, "aat_aud", "\"https://other.example.org\""));
        popClaims(scene, cases, "7g", "a stale iat", c -> Edit.set(c, "iat", "" + (now() - 35)));
        popClaims(scene, cases, "7g", "a future iat", c -> Edit.set(c, "iat", "" + (now() + 35)));
        cases.holder(
                        401,
                        "invalid-proof",
                        "7e",
                        "an AAT proof for another tool",
                        () -> Attempt.aat(root, c -> Edit.set(c, "aat_tool", "\"vault:kv.write\"")))
                .holder(
                        401,
                        "invalid-proof",
                        "7f",
                        "an AAT proof for other arguments",
                        () -> Attempt.aat(root, c -> Edit.set(c, "hta", "{\"resource\":\"secret/docs/payments/b\"}")))
                .holder(
                        401,
                        "invalid-proof",
                        "7f",
                        "an AAT proof with one argument more",
                        () -> Attempt.aat(
                                root,
                                c -> Edit.set(
                                        c, "hta", "{\"resource\":\"secret/docs/payments/a\",\"version\":\"1\"}")));
    }

    private static void pop(Scene scene, Cases cases, String step, String name, String header, TestKey signer) {
        cases.proof(step, name, () -> Attempt.aat(scene.root(), Attempt.pop(scene.root(), signer, header, c -> c)));
    }

    private static void popClaims(Scene scene, Cases cases, String step, String name, UnaryOperator<String> claims) {
        cases.proof(step, "AAT proof: " + name, () -> Attempt.aat(scene.root(), claims));
    }
}
