package dev.errand.autoconfigure;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.template.Template;
import dev.errand.token.Capability;
import dev.errand.token.ParameterValue;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * How long a template's root token will be at least, in bytes: its claims, with the shortest possible values, as a
 * compact JWS. What a start adds (the human's name, parameters, the instruction) makes it longer.
 */
final class RootSize {
    private static final String HASH = "x".repeat(43);
    private static final int HEADER_BYTES = 110;
    private static final int SIGNATURE_BYTES = 86;

    private RootSize() {}

    /**
     * The least length of a root, in bytes.
     *
     * @param issuer our own identifier
     */
    static int least(Template template, String issuer) {
        Map<String, ParameterValue> parameters = template.grants().parameters().entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        declared ->
                                declared.getValue().isList() ? ParameterValue.of(List.of("")) : ParameterValue.of("")));
        JsonObject grants =
                new JsonObject(Map.of("type", new JsonString(Capability.TYPE), "tools", template.tools(parameters)));
        Map<String, JsonValue> claims = new TreeMap<>();
        claims.put("jti", new JsonString("x".repeat(22)));
        claims.put("iss", new JsonString(issuer));
        claims.put("aud", new JsonString(issuer));
        claims.put("iat", JsonNumber.of(1_700_000_000));
        claims.put("exp", JsonNumber.of(1_700_000_000));
        claims.put("cnf", new JsonObject(Map.of("jwk", object("kty", "OKP", "crv", "Ed25519", "x", HASH))));
        claims.put("del_depth", JsonNumber.of(0));
        claims.put("del_max_depth", JsonNumber.of(template.delegation().maxDepth()));
        claims.put("sub", new JsonString("x"));
        claims.put("sub_id", object("format", "iss_sub", "iss", "x", "sub", "x"));
        claims.put("act", object("sub", template.admission().agents().get(0).text(), "sub_profile", "ai_agent"));
        claims.put("task", task(template, parameters));
        claims.put(
                "authorization_details",
                new JsonArray(List.of(grants, template.bounds().toJson())));
        int payload = Jcs.canonicalBytes(new JsonObject(claims)).length;
        return HEADER_BYTES + 2 + (payload * 4 + 2) / 3 + SIGNATURE_BYTES;
    }

    private static JsonObject task(Template template, Map<String, ParameterValue> parameters) {
        Map<String, JsonValue> given = new TreeMap<>();
        parameters.forEach((name, value) -> given.put(name, value.toJson()));
        return new JsonObject(Map.of(
                "id", new JsonString("t-" + "x".repeat(22)),
                "template", new JsonString(template.name()),
                "revision", new JsonString(template.revision()),
                "parameters", new JsonObject(given)));
    }

    private static JsonObject object(String... namesAndValues) {
        Map<String, JsonValue> members = new TreeMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            members.put(namesAndValues[i], new JsonString(namesAndValues[i + 1]));
        }
        return new JsonObject(members);
    }
}
