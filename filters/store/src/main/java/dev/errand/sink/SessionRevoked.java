package dev.errand.sink;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.log.EndedBy;
import dev.errand.token.Sha256;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The claims of a Security Event Token (RFC 8417) with CAEP's {@code session-revoked} event (CAEP 1.0 section 3.1), for
 * the record of an ended task. The same record always gives the same claims, so a receiver recognises a repetition by
 * its {@code jti}.
 *
 * @param id the {@code jti}
 */
record SessionRevoked(String id, byte[] claims) implements SecurityEvent {
    static final String TYPE = "secevent+jwt";

    private static final String EVENT = "https://schemas.openid.net/secevent/caep/event-type/session-revoked";
    private static final String THUMBPRINT = "urn:ietf:params:oauth:jwk-thumbprint:sha-256:";

    @Override
    public String name() {
        return "session-revoked";
    }

    static SessionRevoked of(SinkRecord ending, String issuer, EventReceiver receiver) {
        JsonObject json = ending.json();
        String name = ending.source() + "/" + ending.index() + " " + receiver.name();
        String id = "e-" + Sha256.base64UrlOf(name).substring(0, 22);
        JsonNumber at =
                JsonNumber.of(Instant.parse(String.valueOf(json.string("time"))).getEpochSecond());
        Map<String, JsonValue> event = new LinkedHashMap<>();
        event.put("event_timestamp", at);
        EndedBy by = EndedBy.of(json);
        put(event, "initiating_entity", by == null ? null : by.initiatingEntity());
        String why = json.string("why");
        if (why != null) {
            event.put("reason_admin", object("en", why));
        }
        Map<String, JsonValue> claims = new LinkedHashMap<>();
        put(claims, "iss", issuer);
        put(claims, "jti", id);
        claims.put("iat", at);
        put(claims, "aud", receiver.audience());
        put(claims, "txn", json.string("decision"));
        claims.put("sub_id", subject(json));
        claims.put("events", new JsonObject(Map.of(EVENT, new JsonObject(event))));
        return new SessionRevoked(id, Jcs.canonical(new JsonObject(claims)).getBytes(StandardCharsets.UTF_8));
    }

    /** A complex subject: the task, its human, and, if only a part of the task ended, that part. */
    private static JsonObject subject(JsonObject ending) {
        Map<String, JsonValue> subject = new LinkedHashMap<>();
        put(subject, "format", "complex");
        subject.put("session", object("format", "opaque", "id", String.valueOf(ending.string("task"))));
        JsonObject human = ending.object("human");
        if (human != null) {
            String issuer = String.valueOf(human.string("iss"));
            subject.put("user", object("format", "iss_sub", "iss", issuer, "sub", String.valueOf(human.string("sub"))));
        }
        String holder = ending.string("holder");
        if (ending.string("token") != null && holder != null) {
            subject.put("holder", object("format", "uri", "uri", THUMBPRINT + holder));
        }
        return new JsonObject(subject);
    }

    static void put(Map<String, JsonValue> members, String name, @Nullable String value) {
        if (value != null) {
            members.put(name, new JsonString(value));
        }
    }

    static JsonObject object(String... members) {
        Map<String, JsonValue> object = new LinkedHashMap<>();
        for (int i = 0; i < members.length; i += 2) {
            object.put(members[i], new JsonString(members[i + 1]));
        }
        return new JsonObject(object);
    }
}
