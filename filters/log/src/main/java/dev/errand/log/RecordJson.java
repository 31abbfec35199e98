package dev.errand.log;

import dev.errand.denial.StartReason;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonWriter;
import dev.errand.log.ProvenanceRecord.Approval;
import dev.errand.log.ProvenanceRecord.Approved;
import dev.errand.log.ProvenanceRecord.Credential;
import dev.errand.log.ProvenanceRecord.Decision;
import dev.errand.log.ProvenanceRecord.Ended;
import dev.errand.log.ProvenanceRecord.Event;
import dev.errand.log.ProvenanceRecord.Operator;
import dev.errand.log.ProvenanceRecord.Outcome;
import dev.errand.log.ProvenanceRecord.Refused;
import dev.errand.log.ProvenanceRecord.Standing;
import dev.errand.log.ProvenanceRecord.Start;
import dev.errand.log.ProvenanceRecord.StartRequest;
import dev.errand.log.ProvenanceRecord.StartsRefused;
import dev.errand.token.Human;
import dev.errand.token.Instruction;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes a record as a line of the log. All fields of the format are present, in a fixed order; a field that does not
 * apply is {@code null}. Each string, and each operation id within {@code operation}, is cut at 512 characters. Pure;
 * thread-safe.
 */
public final class RecordJson {
    private RecordJson() {}

    /** The line without its newline, UTF-8; it holds no control character. */
    public static byte[] line(ProvenanceRecord record) {
        JsonWriter line = JsonWriter.ofLine().object();
        if (record instanceof Decision decision) {
            DecisionJson.write(line, decision);
        } else if (record instanceof Outcome outcome) {
            OutcomeJson.write(line, outcome);
        } else if (record instanceof Refused refused) {
            line.member("kind", "refused")
                    .member("time", refused.time())
                    .member("route", refused.route())
                    .member("code", refused.code())
                    .member("count", refused.count());
        } else if (record instanceof Operator operator) {
            line.member("kind", "operator").member("time", operator.time());
            by(line, operator.by());
            line.member("action", operator.action())
                    .member("task", operator.task())
                    .member("detail", operator.detail());
        } else if (record instanceof Start start) {
            write(line, start);
        } else if (record instanceof StartsRefused refused) {
            line.member("kind", "start")
                    .member("time", refused.time())
                    .member("outcome", "refused")
                    .member("count", refused.count())
                    .member("gateway", refused.gateway());
        } else if (record instanceof StartRequest request) {
            line.member("kind", "start-request")
                    .member("time", request.time())
                    .member("request", request.request())
                    .member("what", request.what())
                    .member("template", request.template())
                    .member("revision", request.revision())
                    .member("agent", request.agent());
            human(line.name("human"), request.human());
            line.member("digest", request.digest())
                    .member("purpose", request.purpose())
                    .member("standing", request.standing())
                    .member("task", request.task())
                    .member("gateway", request.gateway());
        } else if (record instanceof Standing standing) {
            line.member("kind", "standing")
                    .member("time", standing.time())
                    .member("id", standing.id())
                    .member("what", standing.what())
                    .name("run")
                    .literal(String.valueOf(standing.run()))
                    .member("reason", standing.reason())
                    .member("task", standing.task())
                    .member("template", standing.template());
            human(line.name("human"), standing.human());
            line.member("agent", standing.agent())
                    .member("by", standing.by() == null ? null : standing.by().wire())
                    .member("gateway", standing.gateway());
        } else if (record instanceof Ended ended) {
            write(line, ended);
        } else if (record instanceof Credential credential) {
            line.member("kind", "credential")
                    .member("time", credential.time())
                    .member("task", credential.task())
                    .member("upstream", credential.upstream())
                    .member("what", credential.what())
                    .member("hash", credential.hash());
        } else if (record instanceof Event event) {
            write(line, event);
        } else if (record instanceof Approval approval) {
            write(line, approval);
        }
        return line.end().toBytes();
    }

    static void approved(JsonWriter line, @Nullable Approved approved) {
        if (approved == null) {
            line.literal("null");
            return;
        }
        line.object().member("id", approved.id()).name("by").array();
        for (Human human : approved.by()) {
            line.elementObject()
                    .member("iss", human.issuer())
                    .member("sub", human.subject())
                    .end();
        }
        line.endArray().member("digest", approved.digest());
        if (approved.offer() != null) {
            line.name("offer")
                    .object()
                    .member("calls", approved.offer().calls())
                    .member("used", approved.offer().used())
                    .end();
        }
        line.end();
    }

    private static void write(JsonWriter line, Approval record) {
        line.member("kind", "approval").member("time", record.time()).member("outcome", record.outcome());
        approved(line.name("approval"), record.approval());
        line.member("decision", record.decision())
                .member("task", record.task())
                .member("template", record.template())
                .member("revision", record.revision());
        human(line.name("human"), record.human());
        operations(line.name("operation"), record.operations());
        texts(line.name("resource"), record.resources());
        line.member("code", record.code()).member("why", record.why());
        time(line, "expires", record.expires());
        line.member("gateway", record.gateway());
    }

    private static void time(JsonWriter line, String name, @Nullable Instant time) {
        if (time == null) {
            line.name(name).literal("null");
        } else {
            line.member(name, time);
        }
    }

    private static void write(JsonWriter line, Start start) {
        StartFacts facts = start.facts();
        StartReason reason = start.reason();
        line.member("kind", "start")
                .member("time", start.time())
                .member("outcome", reason == null ? "granted" : "refused")
                .member("error", start.error())
                .member("reason", reason == null ? null : reason.code())
                .member("task", facts.task())
                .member("template", facts.template())
                .member("revision", facts.revision());
        GivenValues.parameters(line.name("parameters"), facts.parameters());
        human(line.name("human"), facts.human());
        line.member("agent", facts.agent());
        instruction(line.name("instruction"), facts.instruction());
        time(line, "expires", facts.expires());
        JsonObject consent = facts.consent();
        line.name("consent").literal(consent == null ? "null" : Jcs.canonical(consent));
        if (facts.standing() != null) {
            line.name("standing").literal(Jcs.canonical(facts.standing()));
        }
        line.member("gateway", start.gateway());
    }

    private static void write(JsonWriter line, Ended ended) {
        line.member("kind", "ended")
                .member("time", ended.time())
                .member("task", ended.task())
                .member("token", ended.token())
                .member("holder", ended.holder())
                .member("state", ended.state());
        by(line, ended.by());
        line.member("decision", ended.decision());
        human(line.name("human"), ended.human());
        line.member("why", ended.why());
    }

    private static void by(JsonWriter line, EndedBy by) {
        Human human = by.human();
        line.member("by", by.wire())
                .member("iss", human == null ? null : human.issuer())
                .member("sub", human == null ? null : human.subject());
    }

    private static void write(JsonWriter line, Event event) {
        line.member("kind", "event")
                .member("time", event.time())
                .member("event", event.event())
                .member("id", event.id())
                .member("task", event.task())
                .member("token", event.token())
                .member("receiver", event.receiver())
                .member("outcome", event.outcome());
        number(line.name("status"), event.status());
        line.member("error", event.error()).member("attempts", event.attempts());
    }

    static void number(JsonWriter line, @Nullable Integer value) {
        line.literal(value == null ? "null" : value.toString());
    }

    static void human(JsonWriter line, @Nullable Human human) {
        if (human == null) {
            line.literal("null");
            return;
        }
        line.object()
                .member("iss", human.issuer())
                .member("sub", human.subject())
                .end();
    }

    static void instruction(JsonWriter line, @Nullable Instruction instruction) {
        if (instruction == null) {
            line.literal("null");
            return;
        }
        line.object()
                .member("source", instruction.source().wire())
                .member("ref", instruction.ref())
                .member("digest", instruction.digest())
                .member("integrity", instruction.integrity().wire())
                .end();
    }

    static void operations(JsonWriter line, List<String> operations) {
        if (operations.isEmpty()) {
            line.literal("null");
            return;
        }
        line.literal("\"");
        String separator = "";
        for (String operation : operations) {
            line.literal(separator).part(operation);
            separator = " ";
        }
        line.literal("\"");
    }

    static void texts(JsonWriter line, List<String> texts) {
        if (texts.isEmpty()) {
            line.literal("null");
            return;
        }
        line.array();
        for (String text : texts) {
            line.element(text);
        }
        line.endArray();
    }
}
