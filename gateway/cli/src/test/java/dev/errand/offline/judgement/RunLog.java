package dev.errand.offline.judgement;

import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.limit.Budgets;
import dev.errand.log.EndedBy;
import dev.errand.log.ProvenanceRecord;
import dev.errand.log.RecordJson;
import dev.errand.log.StartFacts;
import dev.errand.offline.judgement.Corpus.Call;
import dev.errand.offline.judgement.Corpus.Run;
import dev.errand.offline.replay.RecordedLog;
import dev.errand.offline.replay.RecordedTasks;
import dev.errand.operation.OperationCall;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.RecordedArguments;
import dev.errand.token.Holder;
import dev.errand.token.Holders;
import dev.errand.token.Human;
import dev.errand.token.KeyThumbprint;
import dev.errand.token.ParameterValue;
import dev.errand.token.Sha256;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Runs as a gateway under a template that permits them all would have recorded them. */
final class RunLog {
    private static final Human HUMAN = new Human("https://idp.example.org", "user:alice");
    private static final String AGENT = "spiffe://example.org/agent/desk";

    private final OperationCatalogue catalogue = Desk.catalogue();
    private final String revision;
    private long atMillis = Instant.parse("2026-11-24T10:00:00Z").toEpochMilli();
    private int decisions;
    private int tasks;

    private final Consumer<ProvenanceRecord> log;

    /** @param log what takes the records, in their order */
    RunLog(String revision, Consumer<ProvenanceRecord> log) {
        this.revision = revision;
        this.log = log;
    }

    /** All runs are of one template and ended as completed. */
    static RecordedTasks of(List<Run> runs, String revision) {
        RecordedLog recorded = new RecordedLog();
        RunLog log = new RunLog(revision, record -> {
            try {
                recorded.add(Json.parseObject(RecordJson.line(record)));
            } catch (Json.MalformedJsonException e) {
                throw new IllegalStateException(e);
            }
        });
        runs.forEach(log::add);
        return recorded.tasks();
    }

    void add(Run run) {
        String task = "t-" + ++tasks;
        Map<String, ParameterValue> parameters = new LinkedHashMap<>();
        run.parameters().forEach((name, values) -> parameters.put(name, ParameterValue.of(values)));
        add(new ProvenanceRecord.Start(
                now(),
                null,
                null,
                StartFacts.NONE
                        .byAgent(AGENT)
                        .under(run.task(), revision)
                        .with(parameters)
                        .begun(task, now().plusSeconds(1800)),
                "g"));
        for (Call call : run.calls()) {
            decide(task, run.task(), call);
        }
        add(new ProvenanceRecord.Ended(now(), task, null, "k", "completed", EndedBy.HOLDER, null, HUMAN, null));
    }

    private void decide(String task, String template, Call call) {
        JsonObject arguments = arguments(call);
        OperationCall pair = new OperationCall(
                catalogue.operation(call.operation()).orElseThrow(), call.resource(), arguments, false);
        String decision = "d-" + ++decisions;
        add(new ProvenanceRecord.Decision(
                decision,
                now(),
                true,
                ProvenanceRecord.Objection.NONE,
                new ProvenanceRecord.Caller(
                        task,
                        template,
                        revision,
                        HUMAN,
                        null,
                        Holders.of(List.of(new Holder(new KeyThumbprint("A".repeat(43)), AGENT, true))),
                        "k",
                        null,
                        null),
                new ProvenanceRecord.Request(
                        List.of(call.operation()),
                        List.of(call.resource()),
                        Sha256.labelOf(Jcs.canonicalBytes(arguments)),
                        RecordedArguments.of(List.of(pair)),
                        List.of(),
                        "POST",
                        "desk"),
                new ProvenanceRecord.Position(Budgets.NONE, null, null),
                "enforce",
                null,
                false,
                "g",
                null,
                null,
                null,
                null,
                0));
        add(new ProvenanceRecord.Outcome(decision, now(), call.status(), 5, false, null, false));
    }

    static JsonObject arguments(Call call) {
        Map<String, JsonValue> arguments = new LinkedHashMap<>();
        arguments.put("resource", new JsonString(call.resource()));
        arguments.putAll(call.arguments());
        return new JsonObject(arguments);
    }

    private Instant now() {
        atMillis += 1_000;
        return Instant.ofEpochMilli(atMillis);
    }

    private void add(ProvenanceRecord record) {
        log.accept(record);
    }
}
