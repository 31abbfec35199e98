package dev.errand.token;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The uses of a gateway's keys. The member {@code errand_use} of a JWK lists them. A JWK without the member has all
 * uses except {@link #STATE}.
 */
public enum KeyUse {
    /** Root tokens. */
    ISSUE("root tokens"),
    /** Transaction tokens. */
    TXN("transaction tokens"),
    /** Requests to upstreams (RFC 9421), and events to receivers (RFC 8417). */
    MESSAGE("requests to upstreams"),
    /** Checkpoints of the provenance log; Ed25519 only. */
    LOG("the log's checkpoints"),
    /**
     * The shared state: a secret that replicas share to protect the values in their store. It signs nothing, and is
     * never published.
     */
    STATE("the shared state");

    /** The member of a JWK that lists the uses. */
    public static final String MEMBER = "errand_use";

    public static final List<KeyUse> SIGNING = List.of(ISSUE, TXN, MESSAGE, LOG);

    private final JsonString wire = new JsonString(name().toLowerCase(Locale.ROOT));
    private final String signed;

    KeyUse(String signed) {
        this.signed = signed;
    }

    /** The word in a JWK. */
    public String wire() {
        return wire.value();
    }

    /** What a key of this use signs, for messages. */
    public String signed() {
        return signed;
    }

    /** The use of that word; empty for any other word. */
    public static Optional<KeyUse> parse(String word) {
        return Arrays.stream(values()).filter(use -> use.wire().equals(word)).findFirst();
    }

    /**
     * Whether a verifier may use this published key for this use. Unknown words are ignored. A member that is not a
     * list permits nothing.
     */
    public boolean permits(JsonObject jwk) {
        JsonValue said = jwk.get(MEMBER);
        return said == null
                ? this != STATE
                : said instanceof JsonArray list && list.values().contains(wire);
    }
}
