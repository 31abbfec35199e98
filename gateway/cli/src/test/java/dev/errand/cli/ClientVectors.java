package dev.errand.cli;

import dev.errand.holder.AgentKey;
import dev.errand.holder.Derivation;
import dev.errand.holder.Proofs;
import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.Base64Url;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The test vectors of {@code clients/vectors}: tokens and proofs as this build writes them, with every chance taken out
 * of them. Their signatures are deterministic (Ed25519), their keys those of RFC 8032 section 7.1.
 */
final class ClientVectors {
    static final String ISSUER = "https://gateway.example.org";
    static final Instant NOW = Instant.ofEpochSecond(1_795_600_000);

    private static final JsonMapper JSON = new JsonMapper();

    /** A holder of each name: the secret and the public key, hexadecimal. */
    private static final Map<String, List<String>> KEYS = new LinkedHashMap<>();

    static {
        KEYS.put(
                "issuer",
                List.of(
                        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
        KEYS.put(
                "root",
                List.of(
                        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"));
        KEYS.put(
                "child",
                List.of(
                        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"));
        KEYS.put(
                "grandchild",
                List.of(
                        "f5e5767cf153319517630f226876b86c8160cc583bc013744c6bf255f5cc0ee5",
                        "278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e"));
    }

    private static final String ROOT = """
            {"jti": "01-root", "iss": "https://gateway.example.org", "aud": "https://gateway.example.org",
             "iat": 1795599990, "exp": 1795600890, "cnf": {"jwk": %s}, "del_depth": 0, "del_max_depth": 2,
             "sub": "user:7f3c", "sub_id": {"format": "iss_sub", "iss": "https://idp.example.org", "sub": "user:7f3c"},
             "act": {"sub": "spiffe://example.org/agent/triage", "sub_profile": "ai_agent"},
             "task": {"id": "t-8RfXvectors", "template": "triage", "parameters": {"ticket": "17"},
             "revision": "sha-256:Te0AFfGQJbTz-cxnY7PD-SdRC6jBBHOoVL9YzeWv7gQ"},
             "instruction": {"source": "human", "ref": "https://tracker.example.org/Gr\u00f6\u00dfe-42", "integrity": "trusted"},
             "authorization_details": [
               {"type": "attenuating_agent_token", "tools": {
                 "tickets:ticket.read": {"resource": {"constraint_type": "one_of", "values": ["17", "18"]}},
                 "tickets:ticket.comment": {"resource": {"constraint_type": "exact", "value": "17"}}}},
               {"type": "errand_task", "calls": 100, "children": 8, "limits": [{"capacity": 20, "period": 10}],
                "sequence": "sha-256:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"}]}
            """;

    /** What a child is narrowed to, by the members that both libraries take. */
    private static final String NARROWER = """
            {"allow": {"tickets:ticket.read": {"resource": {"constraint_type": "exact", "value": "17"}}},
             "calls": 3, "lifetime": 60, "actor": "spiffe://example.org/agent/reader",
             "instruction": {"source": "agent", "ref": "urn:example:\u2713", "integrity": "untrusted"}}
            """;

    private final Map<String, AgentKey> keys = new LinkedHashMap<>();
    private final Map<String, String> tokens = new LinkedHashMap<>();
    private final ObjectNode told = JSON.createObjectNode();

    ClientVectors() {
        told.put(
                "about",
                "Test vectors of the clients. Header and claims are JSON with sorted members and no white space.");
        told.put("issuer", ISSUER).put("now", NOW.getEpochSecond());
        ObjectNode jwks = told.putObject("keys");
        ObjectNode thumbprints = told.putObject("thumbprints");
        KEYS.forEach((name, hex) -> {
            ObjectNode jwk = jwks.putObject(name).put("crv", "Ed25519");
            jwk.put("d", base64(hex.get(0))).put("kty", "OKP").put("x", base64(hex.get(1)));
            AgentKey key = AgentKey.of(json(jwk.toString()));
            keys.put(name, key);
            thumbprints.put(name, key.thumbprint());
        });
        ObjectNode root = told.putObject("token");
        String jwk = Jcs.canonical(key("root").publicJwk());
        write(root.put("holder", "root"), "root", key("issuer"), aat(), json(ROOT.formatted(jwk)));
        ArrayNode children = told.putArray("children");
        child(children.addObject(), "root", "child", NARROWER);
        child(children.addObject(), "child", "grandchild", "{}");
        ArrayNode proofs = told.putArray("proofs");
        proof(proofs.addObject(), "root", null, "POST", "/oauth2/token", null);
        proof(proofs.addObject(), "root", "root", "GET", "/tickets/v1/tickets/17?fields=title", null);
        proof(proofs.addObject(), "grandchild", "grandchild", "POST", "/tickets/v1/tickets/a%20b", "n-0S6_WzA2Mj");
    }

    private void child(ObjectNode into, String parent, String name, String narrowing) {
        JsonObject narrower = json(narrowing);
        Map<String, JsonValue> bounds = new LinkedHashMap<>();
        if (narrower.get("calls") != null) {
            bounds.put("calls", narrower.get("calls"));
        }
        JsonObject claims = Proofs.payload(new Derivation(
                        key(name).publicJwk(),
                        narrower.object("allow"),
                        new JsonObject(bounds),
                        narrower.get("lifetime") == null ? 300 : 60,
                        null,
                        narrower.string("actor"),
                        narrower.object("instruction"))
                .derive(key(parent), token(parent), NOW));
        into.put("parent", parent).put("holder", name).put("jti", "02-" + name);
        into.set("narrowing", JSON.readTree(narrowing));
        write(into, name, key(parent), aat(), with(claims, "02-" + name));
    }

    private void proof(
            ObjectNode into,
            String holder,
            @Nullable String token,
            String method,
            String target,
            @Nullable String nonce) {
        String jti = "03-" + method + target.length();
        String url = ISSUER + target;
        JsonObject claims =
                Proofs.payload(Proofs.dpop(key(holder), method, url, token == null ? null : token(token), nonce, NOW));
        into.put("holder", holder).put("token", token).put("method", method).put("url", url);
        into.put("nonce", nonce).put("jti", jti);
        JsonObject header = new JsonObject(Map.of(
                "alg", new JsonString("Ed25519"),
                "typ", new JsonString("dpop+jwt"),
                "jwk", key(holder).publicJwk()));
        write(into, "proof:" + target, key(holder), header, with(claims, jti));
    }

    private void write(ObjectNode into, String name, AgentKey signer, JsonObject header, JsonObject claims) {
        String jws = signer.sign(header, claims);
        into.put("header", Jcs.canonical(header))
                .put("claims", Jcs.canonical(claims))
                .put("jws", jws);
        tokens.put(name, jws);
    }

    /** The same claims with this in the place of what chance chose. */
    private static JsonObject with(JsonObject claims, String jti) {
        Map<String, JsonValue> members = new LinkedHashMap<>(claims.members());
        members.put("jti", new JsonString(jti));
        return new JsonObject(members);
    }

    private static JsonObject aat() {
        return new JsonObject(Map.of("alg", new JsonString("Ed25519"), "typ", new JsonString("aat+jwt")));
    }

    private static String base64(String hex) {
        return Base64Url.encode(HexFormat.of().parseHex(hex));
    }

    static JsonObject json(String text) {
        try {
            return Json.parseObject(text.getBytes(StandardCharsets.UTF_8));
        } catch (MalformedJsonException e) {
            throw new AssertionError(text, e);
        }
    }

    AgentKey key(String name) {
        return keys.get(name);
    }

    /** A token by the name of its holder, a proof by {@code proof:} and its target. */
    String token(String name) {
        return tokens.get(name);
    }

    /** The file. */
    String text() {
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(told) + '\n';
    }
}
