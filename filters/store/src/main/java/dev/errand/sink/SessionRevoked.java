package dev.errand.sink;

import dev.errand.json.Jcs;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.EndedBy;
import dev.errand.token.Sha256;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;

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
        JsonMembers event = new JsonMembers();
        event.put("event_timestamp", at);
        EndedBy by = EndedBy.of(json);
        event.put("initiating_entity", by == null ? null : by.initiatingEntity());
        String why = json.string("why");
        if (why != null) {
            event.put("reason_admin", object("en", why));
        }
        JsonMembers claims = new JsonMembers();
        claims.put("iss", issuer);
        claims.put("jti", id);
        claims.put("iat", at);
        claims.put("aud", receiver.audience());
        claims.put("txn", json.string("decision"));
        claims.put("sub_id", subject(json));
        claims.put("events", new JsonObject(Map.of(EVENT, event.toJson())));
        return new SessionRevoked(id, Jcs.canonical(claims.toJson()).getBytes(StandardCharsets.UTF_8));
    }

    /** A complex subject: the task, its human, and, if only a part of the task ended, that part. */
    private static JsonObject subject(JsonObject ending) {
        JsonMembers subject = new JsonMembers();
        subject.put("format", "complex");
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
        return subject.toJson();
    }

    static JsonObject object(String... members) {
        JsonMembers object = new JsonMembers();
        for (int i = 0; i < members.length; i += 2) {
            object.put(members[i], members[i + 1]);
        }
        return object.toJson();
    }
}
