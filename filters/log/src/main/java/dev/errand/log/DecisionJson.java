package dev.errand.log;

import dev.errand.json.Jcs;
import dev.errand.json.JsonWriter;
import dev.errand.limit.Budgets;
import dev.errand.log.ProvenanceRecord.Caller;
import dev.errand.log.ProvenanceRecord.Candidate;
import dev.errand.log.ProvenanceRecord.Decision;
import dev.errand.log.ProvenanceRecord.Objection;
import dev.errand.log.ProvenanceRecord.Request;
import dev.errand.token.Holder;
import dev.errand.token.Holders;
import org.jspecify.annotations.Nullable;

/** A decision as a line of the log. Pure; thread-safe. */
final class DecisionJson {
    private DecisionJson() {}

    /** Writes the fields into the line's object. */
    static void write(JsonWriter line, Decision record) {
        line.member("kind", "decision")
                .member("decision", record.decision())
                .member("time", record.time())
                .member("outcome", record.permit() ? "permit" : "deny");
        Objection objection = record.objection();
        line.member("code", objection.code())
                .member("step", objection.step())
                .member("detail", objection.detail())
                .member("rule", objection.rule());
        Caller caller = record.caller();
        line.member("task", caller.task()).member("template", caller.template()).member("revision", caller.revision());
        RecordJson.human(line.name("human"), caller.human());
        line.member("anchor", caller.anchor());
        agents(line.name("agents"), caller.agents());
        line.member("holder", caller.holder());
        RecordJson.instruction(line.name("instruction"), caller.instruction());
        Request request = record.request();
        RecordJson.operations(line.name("operation"), request.operations());
        RecordJson.texts(line.name("resource"), request.resources());
        line.member("args_hash", request.argsHash())
                .name("arguments")
                .literal(GivenValues.arguments(request.arguments()));
        RecordJson.texts(line.name("removed"), request.removed());
        line.member("method", request.method()).member("route", request.route());
        budgets(line.name("budgets"), record.position().budgets());
        line.member("state_before", record.position().before())
                .member("state_after", record.position().after())
                .member("mode", record.mode())
                .member("reaction", record.reaction())
                .name("over")
                .literal(record.over() ? "true" : "null")
                .member("gateway", record.gateway())
                .member("gateway_name", record.gatewayName())
                .member("traceparent", record.traceparent());
        RecordJson.approved(line.name("approval"), record.approval());
        candidate(line.name("candidate"), record.candidate());
        if (record.waiting() > 0) {
            line.name("waiting").literal("true").member("count", record.waiting());
        }
        if (caller.standing() != null) {
            line.name("standing").literal(Jcs.canonical(caller.standing()));
        }
    }

    private static void candidate(JsonWriter line, @Nullable Candidate candidate) {
        if (candidate == null) {
            line.literal("null");
            return;
        }
        line.object()
                .member("revision", candidate.revision())
                .member("outcome", candidate.permit() ? "permit" : "deny")
                .member("code", candidate.code())
                .member("detail", candidate.detail())
                .member("partial", candidate.partial())
                .end();
    }

    private static void agents(JsonWriter line, Holders agents) {
        if (agents.list().isEmpty()) {
            line.literal("null");
            return;
        }
        String plain = agents.plainJson();
        if (plain != null) {
            line.literal(plain);
            return;
        }
        line.array();
        for (Holder holder : agents.list()) {
            agent(line.elementObject(), holder);
        }
        line.endArray();
    }

    private static void agent(JsonWriter line, Holder holder) {
        line.member("jkt", holder.jkt().value())
                .member("sub", holder.subject())
                .member("attested", holder.attested())
                .end();
    }

    private static void budgets(JsonWriter line, @Nullable Budgets budgets) {
        if (budgets == null) {
            line.literal("null");
            return;
        }
        line.object();
        for (int i = 0; i < budgets.size(); i++) {
            line.foreignName(budgets.name(i)).literal(Long.toString(budgets.left(i)));
        }
        line.end();
    }
}
