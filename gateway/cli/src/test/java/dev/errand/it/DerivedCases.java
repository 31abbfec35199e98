package dev.errand.it;

import dev.errand.json.Jcs;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;

/** Children that are wrong or wider than their parent in one thing (AAT-02 steps 4a to 4q, and the task profile). */
final class DerivedCases {
    private static final String DETAILS = "authorization_details";
    private static final String READ = "\"vault:kv.read\":{\"resource\":{\"constraint_type\":\"path_containment\","
            + "\"root\":\"secret/docs/payments\"},\"version\":{\"constraint_type\":\"wildcard\",\"optional\":true}}";

    private DerivedCases() {}

    static List<Case> all(Scene scene) {
        Cases cases = new Cases(scene);
        headers(scene, cases);
        claims(scene, cases);
        times(scene, cases);
        capabilities(cases);
        bounds(cases);
        return cases.all();
    }

    private static void headers(Scene scene, Cases cases) {
        String header = Jws.header(scene.child().token());
        String payload = Jws.payload(scene.child().token());
        TestKey stranger = TestKey.ed25519("stranger");
        cases.token(
                        "4a",
                        "a child with alg none",
                        () -> Attempt.by(child(scene, Jws.input(Edit.set(header, "alg", "\"none\""), payload) + ".")))
                .token("4a", "a child by HS256 with its parent's public key", () -> {
                    String input = Jws.input(Edit.set(header, "alg", "\"HS256\""), payload);
                    byte[] secret = scene.root().key().publicJwk("").getBytes(StandardCharsets.UTF_8);
                    return Attempt.by(child(scene, input + "." + Jws.base64(Jws.hmac(input, secret))));
                })
                .token(
                        "4a",
                        "a child of another typ",
                        () -> Attempt.by(scene.derived(Edit.set(header, "typ", "\"at+jwt\""), c -> c)))
                .token(
                        "4a",
                        "a child with b64 false",
                        () -> Attempt.by(scene.derived(Edit.set(header, "b64", "false"), c -> c)))
                .token(
                        "4a",
                        "a child with an unknown crit",
                        () -> Attempt.by(scene.derived(Edit.set(header, "crit", "[\"exp\"]"), c -> c)))
                .token(
                        "4b",
                        "a child signed by itself",
                        () -> Attempt.by(child(scene, scene.child().key().jws(header, payload))))
                .token(
                        "4b",
                        "a child signed by the gateway's own key",
                        () -> Attempt.by(child(scene, scene.anchor().jws(header, payload))))
                .token(
                        "4b",
                        "a child by a key that it embeds",
                        () -> Attempt.by(
                                child(scene, stranger.jws(Edit.set(header, "jwk", stranger.publicJwk("")), payload))))
                .token(
                        "4b",
                        "a child with an all-zero ES256 signature",
                        () -> Attempt.by(child(
                                scene,
                                Jws.input(Edit.set(header, "alg", "\"ES256\""), payload) + "."
                                        + Jws.base64(new byte[64]))));
    }

    private static TestAgent child(Scene scene, String token) {
        return scene.root().below(scene.child().key(), token);
    }

    private static void claims(Scene scene, Cases cases) {
        cases.child("4b", "a member twice", c -> Edit.duplicate(c, "exp", "9999999999"))
                .child("4b", "no jti", c -> Edit.remove(c, "jti"))
                .child("4b", "no cnf", c -> Edit.remove(c, "cnf"))
                .child(
                        "4b",
                        "a private key in cnf",
                        c -> Edit.set(
                                c,
                                "cnf",
                                "{\"jwk\":" + Jcs.canonical(scene.child().key().jwk()) + "}"))
                .child("4b", "details that are no array", c -> Edit.set(c, DETAILS, "{}"))
                .child("4b", "del_depth 1.0", c -> Edit.set(c, "del_depth", "1.0"))
                .child("4b", "no del_max_depth", c -> Edit.remove(c, "del_max_depth"))
                .child("4b", "no issuer", c -> Edit.remove(c, "iss"))
                .token("4b", "no par_hash", () -> Attempt.by(scene.derived(c -> Edit.remove(c, "par_hash"))))
                .child("4c", "the root's issuer", c -> Edit.set(c, "iss", "\"" + RunningGateway.ISSUER + "\""))
                .child(
                        "4c",
                        "its own thumbprint as issuer",
                        c -> Edit.set(
                                c,
                                "iss",
                                "\"urn:ietf:params:oauth:jwk-thumbprint:sha-256:"
                                        + scene.child().key().thumbprint() + "\""))
                .child("4d", "del_depth 0 below a root", c -> Edit.set(c, "del_depth", "0"))
                .child("4d", "a depth left out", c -> Edit.set(c, "del_depth", "2"))
                .child("4g", "a deeper del_max_depth", c -> Edit.set(c, "del_max_depth", "7"))
                .child("4m", "a del_max_depth above itself", c -> Edit.set(c, "del_max_depth", "0"))
                .child(
                        "4q",
                        "the hash of another parent",
                        c -> Edit.set(
                                c,
                                "par_hash",
                                "\"" + Jws.sha256(Jws.signingInput(scene.other().token())) + "\""))
                .child(
                        "4q",
                        "the hash of the whole parent",
                        c -> Edit.set(
                                c, "par_hash", "\"" + Jws.sha256(scene.root().token()) + "\""))
                .child("6a", "no capability at a leaf", c -> Edit.set(c, DETAILS, "[" + entry(c, "errand_task") + "]"))
                .child("6c", "another audience", c -> Edit.set(c, "aud", "\"https://other.example.org\""))
                .child("task:act", "an actor without a name", c -> Edit.set(c, "act", "{}"))
                .child(
                        "task:act",
                        "an actor that writes a line",
                        c -> Edit.set(c, "act", "{\"sub\":\"spiffe://example.org/a\\nb (attested)\"}"))
                .child(
                        "task:instruction",
                        "an instruction more trusted than its parent's",
                        c -> Edit.set(c, "instruction", "{\"source\":\"document\",\"integrity\":\"trusted\"}"))
                .child(
                        "task:instruction",
                        "a human's instruction that the parent has not",
                        c -> Edit.set(
                                c, "instruction", "{\"source\":\"human\",\"integrity\":\"untrusted\",\"ref\":\"x\"}"));
    }

    private static void times(Scene scene, Cases cases) {
        long iat = number(scene, "iat");
        long exp = number(scene, "exp");
        long ahead = 20;
        cases.child("4h", "a longer life than its parent", c -> Edit.set(c, "exp", "" + (exp + 1)))
                .child("4i", "expired", c -> Edit.set(Edit.set(c, "iat", "" + iat), "exp", "" + (now() - 1)))
                .child("4j", "older than its parent", c -> Edit.set(c, "iat", "" + (iat - 1)))
                .child("4k", "issued in the future", c -> Edit.set(c, "iat", "" + (now() + 90)))
                .child(
                        "4l",
                        "exp before iat",
                        c -> Edit.set(Edit.set(c, "iat", "" + (now() + ahead)), "exp", "" + (now() + ahead - 5)));
    }

    private static long number(Scene scene, String claim) {
        return Long.parseLong(Jcs.canonical(java.util.Objects.requireNonNull(
                Jws.claims(scene.root().token()).get(claim))));
    }

    private static long now() {
        return Instant.now().getEpochSecond();
    }

    private static String entry(String claims, String type) {
        var details = (dev.errand.json.JsonValue.JsonArray) Jws.object(claims).get(DETAILS);
        return details.values().stream()
                .filter(value -> value instanceof dev.errand.json.JsonValue.JsonObject entry
                        && type.equals(entry.string("type")))
                .map(Jcs::canonical)
                .findFirst()
                .orElseThrow();
    }

    /** These tools instead of the child's. */
    private static UnaryOperator<String> tools(String tools) {
        return c -> Edit.set(
                c,
                DETAILS,
                "[{\"type\":\"attenuating_agent_token\",\"tools\":{" + tools + "}}," + entry(c, "errand_task") + "]");
    }

    private static UnaryOperator<String> resource(String constraint) {
        return tools("\"vault:kv.read\":{\"resource\":" + constraint + "}");
    }

    private static void capabilities(Cases cases) {
        cases.child(
                        "4n",
                        "two capabilities",
                        c -> Edit.replace(
                                c,
                                "\"" + DETAILS + "\":[",
                                "\"" + DETAILS + "\":[{\"type\":\"attenuating_agent_token\",\"tools\":{}},"))
                .child("4o", "an unknown constraint", resource("{\"constraint_type\":\"regex\",\"value\":\".\"}"))
                .child("4p1", "one tool more", tools(READ + ",\"vault:kv.delete\":{}"))
                .child("4p1", "a wildcard tool", tools("\"*\":{}"))
                .child(
                        "4p2",
                        "one argument more",
                        tools(READ.substring(0, READ.length() - 1) + ",\"more\":{\"constraint_type\":\"wildcard\"}}"))
                .child("4p2", "any argument", tools("\"vault:kv.read\":{}"))
                .child(
                        "4p3",
                        "a required argument made optional",
                        tools(READ.replace("payments\"}", "payments\",\"optional\":true}")))
                .child(
                        "4p4",
                        "a shallower path",
                        resource("{\"constraint_type\":\"path_containment\",\"root\":\"secret/docs\"}"))
                .child(
                        "4p4",
                        "a path that only begins alike",
                        resource("{\"constraint_type\":\"path_containment\",\"root\":\"secret/docs/payments-old\"}"))
                .child(
                        "4p4",
                        "an exact value outside",
                        resource("{\"constraint_type\":\"exact\",\"value\":\"secret/prod/db\"}"))
                .child("4p4", "anything at all", resource("{\"constraint_type\":\"wildcard\"}"))
                .child(
                        "4p4",
                        "either inside or outside",
                        resource(
                                "{\"constraint_type\":\"any\",\"constraints\":[{\"constraint_type\":\"path_containment\","
                                        + "\"root\":\"secret/docs/payments\"},{\"constraint_type\":\"wildcard\"}]}"));
    }

    /** The child's {@code errand_task} with one change. */
    private static UnaryOperator<String> task(UnaryOperator<String> change) {
        return c -> Edit.set(
                c,
                DETAILS,
                "[" + entry(c, "attenuating_agent_token") + "," + change.apply(entry(c, "errand_task")) + "]");
    }

    private static void bounds(Cases cases) {
        cases.child("task:calls", "more calls", task(t -> Edit.set(t, "calls", "100001")))
                .child("task:calls", "no bound of calls", task(t -> Edit.remove(t, "calls")))
                .child("task:children", "more children", task(t -> Edit.set(t, "children", "1001")))
                .child("task:children", "no bound of children", task(t -> Edit.remove(t, "children")))
                .child(
                        "task:limits",
                        "a greater capacity",
                        task(t -> Edit.set(t, "limits", "[{\"capacity\":1001,\"period\":100}]")))
                .child(
                        "task:limits",
                        "a faster refill",
                        task(t -> Edit.set(t, "limits", "[{\"capacity\":1000,\"period\":9}]")))
                .child("task:limits", "no limit", task(t -> Edit.remove(t, "limits")))
                .child("task:limits", "an empty list of limits", task(t -> Edit.set(t, "limits", "[]")))
                .child(
                        "task:sequence",
                        "a plan of its own",
                        task(t -> Edit.set(t, "sequence", "\"sha-256:" + Jws.sha256("plan") + "\"")))
                .child("task:bonus", "an unknown member", task(t -> Edit.set(t, "bonus", "1")))
                .child(
                        "task:calls",
                        "no errand_task at all",
                        c -> Edit.set(c, DETAILS, "[" + entry(c, "attenuating_agent_token") + "]"));
    }
}
