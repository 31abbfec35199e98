package dev.errand.sink;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.Sha256;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The claims of a Security Event Token (RFC 8417) about a change of a request for approval, so that a chat or a pager
 * can alert people. The event's name is {@code <issuer>/events/approval-<outcome>}.
 */
record ApprovalTold(String id, byte[] claims, String name) implements SecurityEvent {
    static ApprovalTold of(SinkRecord record, String issuer, EventReceiver receiver) {
        JsonObject json = record.json();
        String name = "approval-" + json.string("outcome");
        String id = "e-"
                + Sha256.base64UrlOf(record.source() + "/" + record.index() + " " + receiver.name())
                        .substring(0, 22);
        JsonNumber at =
                JsonNumber.of(Instant.parse(String.valueOf(json.string("time"))).getEpochSecond());
        JsonObject approval = json.object("approval");
        Map<String, JsonValue> event = new LinkedHashMap<>();
        event.put("event_timestamp", at);
        if (approval != null) {
            approval.members().forEach(event::put);
            SessionRevoked.put(event, "uri", issuer + "/approvals/" + approval.string("id"));
        }
        for (String member : List.of("template", "operation", "resource", "code", "why", "human", "expires")) {
            event.put(member, Objects.requireNonNullElse(json.get(member), JsonNull.NULL));
        }
        Map<String, JsonValue> claims = new LinkedHashMap<>();
        SessionRevoked.put(claims, "iss", issuer);
        SessionRevoked.put(claims, "jti", id);
        claims.put("iat", at);
        SessionRevoked.put(claims, "aud", receiver.audience());
        SessionRevoked.put(claims, "txn", json.string("decision"));
        claims.put("sub_id", SessionRevoked.object("format", "opaque", "id", String.valueOf(json.string("task"))));
        claims.put("events", new JsonObject(Map.of(issuer + "/events/" + name, new JsonObject(event))));
        return new ApprovalTold(id, Jcs.canonical(new JsonObject(claims)).getBytes(StandardCharsets.UTF_8), name);
    }
}
