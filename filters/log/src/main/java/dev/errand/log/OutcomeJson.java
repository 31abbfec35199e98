package dev.errand.log;

import dev.errand.json.JsonWriter;
import dev.errand.log.ProvenanceRecord.Outcome;
import dev.errand.log.ProvenanceRecord.Returned;

/** Writes the members of an outcome's record. */
final class OutcomeJson {
    private OutcomeJson() {}

    static void write(JsonWriter line, Outcome outcome) {
        line.member("kind", "outcome").member("decision", outcome.decision()).member("time", outcome.time());
        RecordJson.number(line.name("upstream_status"), outcome.upstreamStatus());
        line.member("duration_ms", outcome.durationMillis()).member("compensated", outcome.compensated());
        Returned returned = outcome.returned();
        if (returned != null) {
            line.name("returned").object().member("taken", returned.taken()).member("dropped", returned.dropped());
            if (!returned.values().members().isEmpty()) {
                line.name("values").literal(GivenValues.arguments(returned.values()));
            }
            line.end();
        }
        if (outcome.unseen()) {
            line.name("unseen").literal("true");
        }
    }
}
