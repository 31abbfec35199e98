package dev.errand.fleet;

import dev.errand.json.Jcs;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.CompactJws;
import java.util.Optional;

/**
 * What one replica tells the others about itself. Immutable.
 *
 * @param instance its name, which is that of its log
 * @param url the address of its operator port, without a slash at its end
 * @param build the version that it runs
 * @param revision of its configuration
 * @param mode {@code enforce} or {@code observe}
 * @param since when it started, RFC 3339
 * @param seenMillis its last sign of life by the store's clock, epoch milliseconds
 */
public record Replica(
        String instance, String url, String build, String revision, String mode, String since, long seenMillis) {
    /** The {@code typ} of the signed entry. */
    static final String TYPE = "errand-replica-entry+jwt";

    /** A replica without a sign of life for longer than this is lost. */
    static final long LOST_MILLIS = 15_000;

    /** Whether its last sign of life is too old. */
    public boolean isLost(long nowMillis) {
        return nowMillis - seenMillis > LOST_MILLIS;
    }

    /** This replica with a sign of life at that time. */
    Replica seen(long millis) {
        return new Replica(instance, url, build, revision, mode, since, millis);
    }

    /** Its members in an answer of the API. */
    public JsonObject toJson(long nowMillis) {
        return members().put("state", isLost(nowMillis) ? "lost" : "up").toJson();
    }

    private JsonMembers members() {
        JsonMembers members = new JsonMembers();
        members.put("instance", instance);
        members.put("url", url);
        members.put("build", build);
        members.put("revision", revision);
        members.put("mode", mode);
        members.put("since", since);
        return members;
    }

    /** The claims that are signed. */
    byte[] claims() {
        return Jcs.canonicalBytes(members().put("time", seenMillis).toJson());
    }

    /** Reads signed claims; empty for a JWS of another type or form. */
    static Optional<Replica> read(CompactJws entry) {
        JsonObject claims = entry.claims().orElse(JsonObject.EMPTY);
        String instance = claims.string("instance");
        String url = claims.string("url");
        String build = claims.string("build");
        String revision = claims.string("revision");
        String mode = claims.string("mode");
        String since = claims.string("since");
        if (instance == null
                || url == null
                || build == null
                || revision == null
                || mode == null
                || since == null
                || !entry.type().equals(TYPE)) {
            return Optional.empty();
        }
        return claims.get("time") instanceof JsonNumber time && time.isLong()
                ? Optional.of(new Replica(instance, url, build, revision, mode, since, time.asLong()))
                : Optional.empty();
    }
}
