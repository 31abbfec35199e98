package dev.errand.it;

import dev.errand.json.Jcs;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Roots that are wrong in one thing (AAT-02 steps 3a to 3n, 6c, and the task profile). */
final class RootCases {
    private static final String DETAILS = "authorization_details";

    private RootCases() {}

    static List<Case> all(Scene scene) {
        Cases cases = new Cases(scene);
        headers(scene, cases);
        signatures(scene, cases);
        times(cases);
        claims(scene, cases);
        capabilities(cases);
        profile(cases);
        return cases.all();
    }

    private static Supplier<Attempt> header(Scene scene, UnaryOperator<String> header) {
        return () -> Attempt.by(scene.forged(header.apply(scene.rootHeader()), claims -> claims));
    }

    private static void headers(Scene scene, Cases cases) {
        cases.token("3a", "alg none", () -> Attempt.by(unsigned(scene, "none")))
                .token("3a", "alg NONE", () -> Attempt.by(unsigned(scene, "NONE")))
                .token("3a", "alg none, but signed", header(scene, h -> Edit.set(h, "alg", "\"none\"")))
                .token("3a", "HS256 with the public key as its secret", () -> Attempt.by(hmac(scene)))
                .token("3a", "RS256", header(scene, h -> Edit.set(h, "alg", "\"RS256\"")))
                .token("3a", "ES256K", header(scene, h -> Edit.set(h, "alg", "\"ES256K\"")))
                .token("3a", "no alg", header(scene, h -> Edit.remove(h, "alg")))
                .token("3a", "typ JWT", header(scene, h -> Edit.set(h, "typ", "\"JWT\"")))
                .token("3a", "typ in capitals", header(scene, h -> Edit.set(h, "typ", "\"AAT+JWT\"")))
                .token("3a", "no typ", header(scene, h -> Edit.remove(h, "typ")))
                .token("3a", "b64 false", header(scene, h -> Edit.set(h, "b64", "false")))
                .token(
                        "3a",
                        "b64 false and critical",
                        header(scene, h -> Edit.set(Edit.set(h, "b64", "false"), "crit", "[\"b64\"]")))
                .token(
                        "3a",
                        "an unknown crit",
                        header(scene, h -> Edit.set(Edit.set(h, "x-more", "1"), "crit", "[\"x-more\"]")))
                .token("3a", "an empty crit", header(scene, h -> Edit.set(h, "crit", "[]")))
                .token("3a", "alg twice in the header", header(scene, h -> Edit.duplicate(h, "alg", "\"none\"")))
                .token("3a", "a kid that is no string", header(scene, h -> Edit.set(h, "kid", "1")))
                .token("3b", "the kid of another key", header(scene, h -> Edit.set(h, "kid", "\"another\"")));
    }

    private static TestAgent unsigned(Scene scene, String algorithm) {
        String header = Edit.set(scene.rootHeader(), "alg", "\"" + algorithm + "\"");
        return signed(scene, Jws.input(header, Jws.payload(scene.root().token())) + ".");
    }

    private static TestAgent hmac(Scene scene) {
        String input = Jws.input(
                Edit.set(scene.rootHeader(), "alg", "\"HS256\""),
                Jws.payload(scene.root().token()));
        byte[] secret = scene.anchor().publicJwk("").getBytes(StandardCharsets.UTF_8);
        return new TestAgent(scene.root().key(), input + "." + Jws.base64(Jws.hmac(input, secret)), List.of());
    }

    private static void signatures(Scene scene, Cases cases) {
        TestKey stranger = TestKey.ed25519("stranger");
        String payload = Jws.payload(scene.root().token());
        cases.token(
                        "3b",
                        "an all-zero ES256 signature",
                        () -> Attempt.by(signed(
                                scene,
                                Jws.input(Edit.set(scene.rootHeader(), "alg", "\"ES256\""), payload) + "."
                                        + Jws.base64(new byte[64]))))
                .token(
                        "3b",
                        "an all-zero Ed25519 signature",
                        () -> Attempt.by(signed(scene, Jws.resigned(scene.root().token(), new byte[64]))))
                .token(
                        "3b",
                        "an empty signature",
                        () -> Attempt.by(signed(scene, Jws.resigned(scene.root().token(), new byte[0]))))
                .token(
                        "3b",
                        "a signature cut short",
                        () -> Attempt.by(signed(scene, Jws.resigned(scene.root().token(), new byte[63]))))
                .token(
                        "3b",
                        "the signature of another root",
                        () -> Attempt.by(signed(
                                scene,
                                Jws.signingInput(scene.root().token())
                                        + scene.other()
                                                .token()
                                                .substring(scene.other().token().lastIndexOf('.')))))
                .token(
                        "3b",
                        "a stranger's signature",
                        () -> Attempt.by(signed(scene, stranger.jws(scene.rootHeader(), payload))))
                .token(
                        "3b",
                        "a stranger's, without kid",
                        () -> Attempt.by(signed(scene, stranger.jws(Edit.remove(scene.rootHeader(), "kid"), payload))))
                .token(
                        "3b",
                        "a stranger's key embedded as jwk",
                        () -> Attempt.by(signed(
                                scene,
                                stranger.jws(Edit.set(scene.rootHeader(), "jwk", stranger.publicJwk("")), payload))))
                .token(
                        "3b",
                        "a stranger's key at a jku",
                        () -> Attempt.by(signed(
                                scene,
                                stranger.jws(
                                        Edit.set(
                                                scene.rootHeader(),
                                                "jku",
                                                "\"" + scene.upstream().uri() + "/keys\""),
                                        payload))))
                .token(
                        "3b",
                        "a certificate of a stranger as x5c",
                        () -> Attempt.by(signed(
                                scene, stranger.jws(Edit.set(scene.rootHeader(), "x5c", "[\"MIIB\"]"), payload))))
                .token(
                        "3b",
                        "signed by its own holder",
                        () -> Attempt.by(signed(scene, scene.root().key().jws(scene.rootHeader(), payload))))
                .token(
                        "3b",
                        "claims changed after the signature",
                        () -> Attempt.by(signed(
                                scene,
                                scene.root().token().split("\\.")[0] + "."
                                        + Jws.base64(Edit.set(payload, "sub", "\"root\"")) + "."
                                        + scene.root().token().split("\\.")[2])))
                .root("3b", "a member twice", c -> Edit.duplicate(c, "sub", "\"user:0\""))
                .root(
                        "3b",
                        "a member twice, deep inside",
                        c -> Edit.replace(c, "\"task\":{", "\"task\":{\"template\":\"explore\","))
                .root("3b", "claims that are an array", c -> "[" + c + "]")
                .root("3b", "two JSON values", c -> c + "{}");
    }

    private static TestAgent signed(Scene scene, String token) {
        return new TestAgent(scene.root().key(), token, List.of());
    }

    private static long now() {
        return Instant.now().getEpochSecond();
    }

    private static UnaryOperator<String> lifetime(long iatFromNow, long expFromNow) {
        return c -> Edit.set(Edit.set(c, "iat", "" + (now() + iatFromNow)), "exp", "" + (now() + expFromNow));
    }

    private static void times(Cases cases) {
        cases.root("3b", "iat with a fraction", c -> Edit.set(c, "iat", now() + ".5"))
                .root("3b", "exp with an exponent", c -> Edit.set(c, "exp", "2e9"))
                .root("3b", "exp as a string", c -> Edit.set(c, "exp", "\"" + (now() + 600) + "\""))
                .root("3b", "no exp", c -> Edit.remove(c, "exp"))
                .root("3b", "no iat", c -> Edit.remove(c, "iat"))
                .root("3e", "expired", lifetime(-600, -1))
                .root("3f", "issued in the future", lifetime(120, 600))
                .root("3g", "exp before iat", lifetime(20, 10))
                .root("3h", "a longer life than allowed", lifetime(0, 3700));
    }

    private static void claims(Scene scene, Cases cases) {
        cases.root("3c", "del_depth 1", c -> Edit.set(c, "del_depth", "1"))
                .root("3c", "del_depth a string", c -> Edit.set(c, "del_depth", "\"0\""))
                .root("3c", "del_depth 0.0", c -> Edit.set(c, "del_depth", "0.0"))
                .root("3c", "no del_depth", c -> Edit.remove(c, "del_depth"))
                .token("3d", "a par_hash in a root above a child", () -> {
                    TestAgent root = scene.forged(c -> Edit.set(c, "par_hash", "\"" + Jws.sha256("x") + "\""));
                    return Attempt.by(
                            root.below(scene.child().key(), scene.child().token()));
                })
                .root("3i", "del_max_depth above ours", c -> Edit.set(c, "del_max_depth", "9"))
                .root("3i", "del_max_depth below zero", c -> Edit.set(c, "del_max_depth", "-1"))
                .root("3i", "no del_max_depth", c -> Edit.remove(c, "del_max_depth"))
                .root("3j", "no jti", c -> Edit.remove(c, "jti"))
                .root("3j", "an empty jti", c -> Edit.set(c, "jti", "\"\""))
                .root("3j", "a jti that is a number", c -> Edit.set(c, "jti", "7"))
                .root("3k", "another issuer", c -> Edit.set(c, "iss", "\"https://as.example.net\""))
                .root("3k", "our issuer with a slash", c -> Edit.set(c, "iss", "\"" + RunningGateway.ISSUER + "/\""))
                .root("3k", "no issuer", c -> Edit.remove(c, "iss"))
                .root("3l", "no cnf", c -> Edit.remove(c, "cnf"))
                .root(
                        "3l",
                        "cnf by thumbprint only",
                        c -> Edit.set(
                                c, "cnf", "{\"jkt\":\"" + scene.root().key().thumbprint() + "\"}"))
                .root(
                        "3l",
                        "a private key in cnf",
                        c -> Edit.set(
                                c,
                                "cnf",
                                "{\"jwk\":" + Jcs.canonical(scene.root().key().jwk()) + "}"))
                .root(
                        "3l",
                        "a symmetric key in cnf",
                        c -> Edit.set(c, "cnf", "{\"jwk\":{\"kty\":\"oct\",\"k\":\"AAAA\"}}"))
                .root(
                        "3l",
                        "an RSA key in cnf",
                        c -> Edit.set(c, "cnf", "{\"jwk\":{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}}"))
                .root(
                        "3l",
                        "a point off the curve in cnf",
                        c -> Edit.set(
                                c,
                                "cnf",
                                "{\"jwk\":{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" + Jws.base64(one())
                                        + "\",\"y\":\"" + Jws.base64(one()) + "\"}}"))
                .root("6c", "another audience", c -> Edit.set(c, "aud", "\"https://other.example.org\""))
                .root("6c", "many other audiences", c -> Edit.set(c, "aud", "[\"https://other.example.org\",\"x\"]"))
                .root("6c", "an audience that is an object", c -> Edit.set(c, "aud", "{}"))
                .root(
                        "6c",
                        "our audience among numbers",
                        c -> Edit.set(c, "aud", "[\"" + RunningGateway.ISSUER + "\",1]"));
    }

    private static byte[] one() {
        byte[] one = new byte[32];
        one[31] = 1;
        return one;
    }

    static String tools(String tools) {
        return "[{\"type\":\"attenuating_agent_token\",\"tools\":" + tools + "}]";
    }

    private static UnaryOperator<String> constraint(String constraint) {
        return c -> Edit.set(c, DETAILS, tools("{\"vault:kv.read\":{\"resource\":" + constraint + "}}"));
    }

    private static void capabilities(Cases cases) {
        String empty = "{\"type\":\"attenuating_agent_token\",\"tools\":{}}";
        cases.root("3m", "no details", c -> Edit.remove(c, DETAILS))
                .root("3m", "no capability", c -> Edit.set(c, DETAILS, "[{\"type\":\"errand_task\",\"calls\":5}]"))
                .root("3m", "two capabilities", c -> Edit.set(c, DETAILS, "[" + empty + "," + empty + "]"))
                .root("3m", "tools as an array", c -> Edit.set(c, DETAILS, tools("[\"vault:kv.read\"]")))
                .root("3m", "a tool that is no object", c -> Edit.set(c, DETAILS, tools("{\"vault:kv.read\":true}")))
                .root("3n", "an unknown constraint", constraint("{\"constraint_type\":\"regex\",\"value\":\".*\"}"))
                .root(
                        "3n",
                        "a constraint with one member more",
                        constraint("{\"constraint_type\":\"exact\",\"value\":\"x\",\"unless\":\"y\"}"))
                .root(
                        "3n",
                        "a number that no double is",
                        constraint("{\"constraint_type\":\"exact\",\"value\":9007199254740993}"))
                .root("3n", "an empty one_of", constraint("{\"constraint_type\":\"one_of\",\"values\":[]}"))
                .root(
                        "3n",
                        "dots in a root path",
                        constraint("{\"constraint_type\":\"path_containment\",\"root\":\"secret/../x\"}"))
                .root("3n", "constraints nested too deep", constraint(nested(40)));
    }

    private static String nested(int depth) {
        return "{\"constraint_type\":\"all\",\"constraints\":[".repeat(depth) + "{\"constraint_type\":\"wildcard\"}"
                + "]}".repeat(depth);
    }

    private static UnaryOperator<String> task(String entry) {
        return c -> Edit.set(c, DETAILS, tools("{}").replace("]", "," + entry + "]"));
    }

    private static void profile(Cases cases) {
        cases.root("task:act", "an actor that is no SPIFFE ID", c -> Edit.set(c, "act", "{\"sub\":\"release-bot\"}"));
        cases.root("task:act", "no actor", c -> Edit.remove(c, "act"))
                .root("task:sub", "no human", c -> Edit.remove(c, "sub"))
                .root(
                        "task:sub_id",
                        "a sub_id of another human",
                        c -> Edit.set(
                                c,
                                "sub_id",
                                "{\"format\":\"iss_sub\",\"iss\":\"https://idp.example.org\",\"sub\":\"user:0\"}"))
                .root("task:task", "no task", c -> Edit.remove(c, "task"))
                .root(
                        "task:task",
                        "a task without a revision",
                        c -> Edit.set(c, "task", "{\"id\":\"t-1\",\"template\":\"explore\"}"))
                .root(
                        "task:instruction",
                        "an instruction of no known source",
                        c -> Edit.set(c, "instruction", "{\"source\":\"oracle\",\"integrity\":\"trusted\"}"))
                .root(
                        "task:errand_task",
                        "two errand_task entries",
                        task("{\"type\":\"errand_task\",\"calls\":1},{\"type\":\"errand_task\",\"calls\":1}"))
                .root("task:bonus", "an unknown member in errand_task", task("{\"type\":\"errand_task\",\"bonus\":1}"))
                .root("task:calls", "calls with a fraction", task("{\"type\":\"errand_task\",\"calls\":1.5}"))
                .root(
                        "task:calls",
                        "calls beyond 2^53-1",
                        task("{\"type\":\"errand_task\",\"calls\":9007199254740992}"))
                .root(
                        "task:limits",
                        "a limit without a period",
                        task("{\"type\":\"errand_task\",\"limits\":[{\"capacity\":1}]}"))
                .holder(401, "task-ended", null, "a task that was never started", () -> Attempt.by(unstarted(cases)));
    }

    private static TestAgent unstarted(Cases cases) {
        return cases.scene().forged(c -> {
            String task = Jcs.canonical(Objects.requireNonNull(Jws.object(c).object("task")));
            return Edit.set(c, "task", Edit.set(task, "id", "\"t-AAAAAAAAAAAAAAAAAAAAAA\""));
        });
    }
}
