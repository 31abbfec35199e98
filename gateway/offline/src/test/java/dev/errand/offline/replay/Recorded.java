package dev.errand.offline.replay;

import dev.errand.denial.DenyReason;
import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.limit.Budgets;
import dev.errand.log.EndedBy;
import dev.errand.log.ProvenanceRecord;
import dev.errand.log.RecordJson;
import dev.errand.log.StartFacts;
import dev.errand.token.Holder;
import dev.errand.token.Holders;
import dev.errand.token.Human;
import dev.errand.token.KeyThumbprint;
import dev.errand.token.ParameterValue;
import dev.errand.token.Sha256;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A log made line by line, with the writer that gateways write with. */
public final class Recorded {
    private static final Instant BEGUN = Instant.parse("2026-11-24T10:00:00Z");

    private final List<JsonObject> lines = new ArrayList<>();
    private final String revision;
    private int decisions;
    private long atMillis;
    private @Nullable String reaction;
    private boolean over;
    private @Nullable JsonObject given;

    public Recorded(String revision) {
        this.revision = revision;
    }

    public Recorded after(long millis) {
        atMillis += millis;
        return this;
    }

    /** The next decision is of a gateway that only observes, and says so. */
    public Recorded observed(@Nullable String nextReaction, boolean nextOver) {
        reaction = nextReaction;
        over = nextOver;
        return this;
    }

    /** A permitted call that its upstream answered. */
    public Recorded call(String task, String operation, String resource, int status) {
        String decision = decide(task, operation, resource, Map.of(), true, null, null, 0);
        return outcome(decision, status);
    }

    /** A permitted call with these arguments, all recorded, whose answer said these values, if any. */
    public Recorded answered(String task, String operation, JsonObject arguments, @Nullable JsonObject said) {
        String decision = ask(task, operation, arguments);
        atMillis += 1;
        ProvenanceRecord.Returned returned =
                said == null ? null : new ProvenanceRecord.Returned(0, 0, new JsonObject(Map.of(operation, said)));
        add(new ProvenanceRecord.Outcome(decision, now(), 200, 1, false, returned, false));
        return this;
    }

    /** A permitted call with these arguments that has no answer yet. */
    public Recorded asked(String task, String operation, JsonObject arguments) {
        ask(task, operation, arguments);
        return this;
    }

    private String ask(String task, String operation, JsonObject arguments) {
        given = arguments;
        String decision = decide(task, operation, "all", Map.of(), true, null, null, 0);
        given = null;
        return decision;
    }

    /** The task starts with these parameters. */
    public Recorded start(String task, Map<String, String> parameters) {
        atMillis += 1;
        StartFacts facts = StartFacts.NONE
                .byAgent("spiffe://example.org/agent/a0")
                .under("t", revision)
                .with(parameters.entrySet().stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, entry -> ParameterValue.of(entry.getValue()))))
                .begun(task, now().plusSeconds(900));
        add(new ProvenanceRecord.Start(now(), null, null, facts, "g"));
        return this;
    }

    /** The task is ended by an operator, without a record of the operator's own for it. */
    public Recorded endedByOperator(String task) {
        atMillis += 1;
        add(new ProvenanceRecord.Ended(
                now(), task, null, null, "interrupted", EndedBy.operator("alice", null), null, null, "all of Alice's"));
        return this;
    }

    /** An operator says what became of a call. */
    public Recorded known(String task, String decision, boolean happened) {
        atMillis += 1;
        add(new ProvenanceRecord.Operator(
                now(),
                EndedBy.operator("alice", null),
                "outcome",
                task,
                "{\"decision\":\"" + decision + "\",\"happened\":" + happened + "}"));
        return this;
    }

    public Recorded denied(String task, String operation, String resource, DenyReason reason, @Nullable String step) {
        decide(task, operation, resource, Map.of(), false, reason.code(), step, 0);
        return this;
    }

    public Recorded outcome(String decision, @Nullable Integer status) {
        atMillis += 1;
        add(new ProvenanceRecord.Outcome(decision, now(), status, 1, false, null, false));
        return this;
    }

    /** One decision; its id. */
    public String decide(
            String task,
            String operation,
            String resource,
            Map<String, String> more,
            boolean permit,
            @Nullable String code,
            @Nullable String step,
            int depth) {
        atMillis += 1;
        Map<String, dev.errand.json.JsonValue> arguments = new java.util.TreeMap<>();
        arguments.put("resource", new JsonString(resource));
        more.forEach((name, value) -> arguments.put(name, new JsonString(value)));
        if (given != null) {
            arguments.putAll(given.members());
        }
        String hash = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(Sha256.of(Jcs.canonicalBytes(new JsonObject(arguments))));
        List<Holder> holders = new ArrayList<>();
        for (int i = 0; i <= depth; i++) {
            holders.add(new Holder(
                    new KeyThumbprint("A".repeat(42) + (char) ('A' + i)), "spiffe://example.org/agent/a" + i, i == 0));
        }
        String decision = "d-" + ++decisions;
        add(new ProvenanceRecord.Decision(
                decision,
                now(),
                permit,
                new ProvenanceRecord.Objection(code, step, null, null),
                new ProvenanceRecord.Caller(
                        task,
                        "t",
                        revision,
                        new Human("https://idp.example.org", "user:alice"),
                        null,
                        Holders.of(holders),
                        "k",
                        null,
                        null),
                new ProvenanceRecord.Request(
                        List.of(operation), List.of(resource), "sha-256:" + hash, given, List.of(), "GET", "vault"),
                new ProvenanceRecord.Position(Budgets.NONE, null, null),
                "enforce",
                reaction,
                over,
                "g",
                null,
                null,
                null,
                null,
                0));
        observed(null, false);
        return decision;
    }

    private Instant now() {
        return BEGUN.plusMillis(atMillis);
    }

    private void add(ProvenanceRecord record) {
        try {
            lines.add(Json.parseObject(RecordJson.line(record)));
        } catch (Json.MalformedJsonException e) {
            throw new IllegalStateException(e);
        }
    }

    public List<RecordedTask> tasks() {
        RecordedLog log = new RecordedLog();
        lines.forEach(log::add);
        return log.tasks();
    }
}
