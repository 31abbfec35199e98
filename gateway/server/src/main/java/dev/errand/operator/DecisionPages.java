package dev.errand.operator;

import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.proof.UnusableLogException;
import dev.errand.log.read.LogReader;
import dev.errand.log.read.Prover;
import dev.errand.offline.story.Explanation;
import dev.errand.offline.story.TemplateLines;
import dev.errand.offline.story.UntrustedContent;
import dev.errand.policy.LivePolicies;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** One decision: its record, where it lies in the log, and why it was made. Thread-safe; blocks on the disk. */
record DecisionPages(Path log, Path configuration, LivePolicies live) {
    /** How long the next checkpoint is waited for. */
    private static final Duration NEXT_CHECKPOINT = Duration.ofSeconds(2);

    /** The record of a decision; empty if this replica's log does not have it. */
    Optional<JsonObject> record(String decision) throws IOException {
        return new LogReader(log).decision(decision).stream().findFirst().map(LogReader.Entry::json);
    }

    /** The page of a decision; empty if this replica's log does not have it. */
    Optional<Page> find(String decision) throws IOException {
        List<LogReader.Entry> entries = new LogReader(log).decision(decision);
        if (entries.isEmpty()) {
            return Optional.empty();
        }
        JsonObject record = entries.get(0).json();
        JsonObject outcome = entries.size() > 1 ? entries.get(1).json() : null;
        String name = record.string("template");
        TemplateLines template = name == null
                ? null
                : live.current()
                        .template(name)
                        .flatMap(found -> TemplateLines.find(configuration, found))
                        .orElse(null);
        Explanation explanation =
                Explanation.of(record, outcome, UntrustedContent.source(record, List.of(log)), template);
        JsonMembers members = new JsonMembers();
        members.put("record", record);
        members.orNull("outcome", outcome);
        members.put("index", entries.get(0).index());
        members.put("evidence", evidence(decision));
        members.put("explanation", explanation.toJson());
        return Optional.of(new Page(members.toJson(), explanation.toText()));
    }

    /** The output of {@code errand prove}; null if the log does not prove the decision: then {@code verify-log} says why. */
    private JsonValue evidence(String decision) throws IOException {
        try {
            return Prover.prove(log, decision, NEXT_CHECKPOINT).toJson();
        } catch (UnusableLogException e) {
            return JsonNull.NULL;
        }
    }
}
