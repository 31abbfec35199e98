package dev.errand.state.redis;

import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.state.LeftCredential;
import dev.errand.state.StoreUnavailableException;
import dev.errand.token.Base64Url;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The stored form of a left credential: JSON whose secret is sealed for its replica, task and upstream, all of it
 * sealed again by {@link Seal}. Thread-safe.
 *
 * @param seal proves that a replica with our key wrote it
 * @param secrets seals the secret
 */
public record LeftForm(Seal seal, SecretSeal secrets) {
    boolean isPossible() {
        return secrets.isPossible();
    }

    /** @param key the key of the hash that holds it; it names the replica */
    byte[] write(byte[] key, LeftCredential credential) {
        byte[] sealed = secrets.seal(
                context(key, credential.id(), credential.task(), credential.upstream()), credential.secret());
        JsonObject json = new JsonObject(Map.of(
                "task", new JsonString(credential.task()),
                "upstream", new JsonString(credential.upstream()),
                "kind", new JsonString(credential.kind()),
                "until", JsonNumber.of(credential.untilMillis()),
                "sealed", new JsonString(Base64Url.encode(sealed))));
        return seal.seal(context(key, credential.id(), "", ""), Jcs.canonicalBytes(json));
    }

    /** Reads the stored form; null for a value that no replica with our key wrote there. */
    @Nullable LeftCredential read(byte[] key, String id, byte[] value) {
        try {
            JsonObject json = Json.parseObject(seal.open(context(key, id, "", ""), value, 0));
            String task = json.string("task");
            String upstream = json.string("upstream");
            String kind = json.string("kind");
            String text = json.string("sealed");
            byte[] sealed = text == null ? null : Base64Url.decode(text);
            if (task == null
                    || upstream == null
                    || kind == null
                    || sealed == null
                    || !(json.get("until") instanceof JsonNumber until)
                    || !until.isLong()) {
                return null;
            }
            byte[] secret = secrets.open(context(key, id, task, upstream), sealed);
            return secret == null ? null : new LeftCredential(id, task, upstream, kind, until.asLong(), secret);
        } catch (MalformedJsonException | StoreUnavailableException notOurs) {
            return null;
        }
    }

    /** The context of a seal. It is unambiguous, since no part contains a line feed. */
    private static byte[] context(byte[] key, String id, String task, String upstream) {
        String text = new String(key, StandardCharsets.UTF_8) + '\n' + id + '\n' + task + '\n' + upstream;
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
