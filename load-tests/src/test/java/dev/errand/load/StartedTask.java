package dev.errand.load;

import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.Sha256;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** A task that runs, and the key that holds the last token of its chain. Thread-safe. */
final class StartedTask {
    private static final String PROCESS = HexFormat.of().toHexDigits(new SecureRandom().nextLong());
    private static final AtomicLong PROOFS = new AtomicLong();
    private static final String THUMBPRINT_URI = "urn:ietf:params:oauth:jwk-thumbprint:sha-256:";

    private final Signer holder;
    private final String header;
    private final String token;
    private final String tokenHash;
    private final List<String> ancestors;

    StartedTask(Signer holder, String token) {
        this(holder, token, List.of());
    }

    private StartedTask(Signer holder, String token, List<String> ancestors) {
        this.holder = holder;
        this.header = proofHeader(holder);
        this.token = token;
        this.tokenHash = Sha256.base64UrlOf(token);
        this.ancestors = ancestors;
    }

    /** The header of every DPoP proof by this key. */
    static String proofHeader(Signer holder) {
        return holder.header(Map.<String, JsonValue>of("typ", new JsonString("dpop+jwt"), "jwk", holder.publicJwk()));
    }

    /** The members that make a proof fresh. */
    static String fresh(long issuedAtSeconds) {
        return "{\"jti\":\"" + PROCESS + "-" + PROOFS.incrementAndGet() + "\",\"iat\":" + issuedAtSeconds;
    }

    String token() {
        return token;
    }

    /** The tokens above, root first, as {@code Delegation-Chain} has them; empty for a root. */
    String chain() {
        return String.join(", ", ancestors);
    }

    String authorization() {
        return "DPoP " + token;
    }

    /** A proof that was never used, for a URL without characters that JSON escapes. */
    String proof(String method, String url, long issuedAtSeconds) {
        return holder.sign(
                header,
                fresh(issuedAtSeconds) + ",\"htm\":\"" + method + "\",\"htu\":\"" + url + "\",\"ath\":\"" + tokenHash
                        + "\"}");
    }

    private static long number(JsonObject claims, String name) {
        return claims.get(name) instanceof JsonNumber number ? number.asLong() : 0;
    }

    /** The parent's grant, with fewer calls, and without the plan, of which the task has one. */
    private static JsonArray narrowed(JsonObject above) {
        List<JsonValue> details = new ArrayList<>();
        for (JsonValue detail :
                above.get("authorization_details") instanceof JsonArray array ? array.values() : List.<JsonValue>of()) {
            if (detail instanceof JsonObject bounds && "errand_task".equals(bounds.string("type"))) {
                Map<String, JsonValue> members = new LinkedHashMap<>(bounds.members());
                members.remove("sequence");
                members.put("calls", JsonNumber.of(number(bounds, "calls") - 1000));
                details.add(new JsonObject(members));
            } else {
                details.add(detail);
            }
        }
        return new JsonArray(details);
    }

    /** The same task one token further down: all that this holder may do, for as long, by another key. */
    StartedTask derived(Signer child) {
        try {
            JsonObject above = Json.parseObject(Base64.getUrlDecoder().decode(token.split("\\.")[1]));
            String claims = fresh(System.currentTimeMillis() / 1000)
                    + ",\"iss\":\"" + THUMBPRINT_URI + holder.thumbprint()
                    + "\",\"exp\":" + number(above, "exp")
                    + ",\"cnf\":{\"jwk\":" + Jcs.canonical(child.publicJwk())
                    + "},\"del_depth\":" + (number(above, "del_depth") + 1)
                    + ",\"del_max_depth\":" + number(above, "del_max_depth")
                    + ",\"par_hash\":\"" + Sha256.base64UrlOf(token.substring(0, token.lastIndexOf('.')))
                    + "\",\"authorization_details\":" + Jcs.canonical(narrowed(above)) + "}";
            List<String> chain = new ArrayList<>(ancestors);
            chain.add(token);
            String typed = holder.header(Map.of("typ", new JsonString("aat+jwt")));
            return new StartedTask(child, holder.sign(typed, claims), List.copyOf(chain));
        } catch (MalformedJsonException e) {
            throw new IllegalStateException(e);
        }
    }
}
