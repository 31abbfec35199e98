package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.jose.KeyRing;
import dev.errand.jose.SigningKeys;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.state.StateListener;
import dev.errand.state.redis.MacSeal;
import dev.errand.state.redis.SealedTable;
import dev.errand.state.redis.link.RedisAddress;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.token.CompactJws;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The entry by which a replica is known to the others, read from the store, changed, and signed anew by the key that the
 * replicas share: for what takes a replica hours, or its death.
 */
final class ReplicaEntry {
    private final SharedRedis redis;
    private final SigningKeys keys;
    private final String type;
    private final Map<String, JsonValue> members;

    private ReplicaEntry(SharedRedis redis, String instance) throws Exception {
        this.redis = redis;
        keys = KeyRing.load(redis.keys());
        String entry = onTable(table -> table.read().block().texts().get(instance));
        CompactJws signed = CompactJws.parse(entry, 8_192).orElseThrow();
        type = signed.type();
        members = new LinkedHashMap<>(signed.claims().orElseThrow().members());
    }

    /** As it is in the store. */
    static ReplicaEntry of(SharedRedis redis, String instance) throws Exception {
        return new ReplicaEntry(redis, instance);
    }

    /** Its last sign of life is older by that. */
    ReplicaEntry older(Duration age) {
        long seen = ((JsonNumber) members.get("time")).asLong();
        members.put("time", JsonNumber.of(seen - age.toMillis()));
        return this;
    }

    /** A replica of another name, at an address where nobody is. */
    ReplicaEntry named(String instance) {
        members.put("instance", new JsonString(instance));
        members.put("url", new JsonString("http://127.0.0.1:1"));
        return this;
    }

    /** Puts it into the store. */
    void write() throws Exception {
        String instance = ((JsonString) members.get("instance")).value();
        byte[] claims = Jcs.canonicalBytes(new JsonObject(members));
        onTable(table ->
                table.put(instance, keys.checkpointKey().signJws(type, claims)).block());
    }

    private <T> T onTable(Function<SealedTable, T> use) throws Exception {
        RedisAddress address = RedisAddress.parse(List.of(redis.url()));
        try (RedisLink link =
                RedisLink.open(address, Duration.ofSeconds(5), Duration.ofSeconds(5), StateListener.NONE)) {
            assertThat(link.awaitAnswer(Duration.ofSeconds(10))).isTrue();
            return use.apply(new SealedTable(link, new MacSeal(keys::stateKeys), "replicas"));
        }
    }
}
