package dev.errand.sink;

import dev.errand.json.Jcs;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.Sha256;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;

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
        JsonMembers event = new JsonMembers();
        event.put("event_timestamp", at);
        if (approval != null) {
            event.putAll(approval.members());
            event.put("uri", issuer + "/approvals/" + approval.string("id"));
        }
        for (String member : List.of("template", "operation", "resource", "code", "why", "human", "expires")) {
            event.orNull(member, json.get(member));
        }
        JsonMembers claims = new JsonMembers();
        claims.put("iss", issuer);
        claims.put("jti", id);
        claims.put("iat", at);
        claims.put("aud", receiver.audience());
        claims.put("txn", json.string("decision"));
        claims.put("sub_id", SessionRevoked.object("format", "opaque", "id", String.valueOf(json.string("task"))));
        claims.put("events", new JsonObject(Map.of(issuer + "/events/" + name, event.toJson())));
        return new ApprovalTold(id, Jcs.canonical(claims.toJson()).getBytes(StandardCharsets.UTF_8), name);
    }
}
