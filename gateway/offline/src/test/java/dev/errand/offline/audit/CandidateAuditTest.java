package dev.errand.offline.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.offline.audit.CandidateDifference.Kind;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What a report says of recorded differences: by rule, with the calls and the runs. */
class CandidateAuditTest {
    private static final String PERMIT = "\"outcome\":\"permit\",\"code\":null,\"detail\":null,\"rule\":null";
    private static final String DENY =
            "\"outcome\":\"deny\",\"code\":\"rule-violation\",\"detail\":\"no\"," + "\"rule\":\"tasks/release.yaml:9\"";
    private static final String BY_RULE = says(
            "deny",
            "\"rule-violation\"",
            "\"more than 2 calls of `vault:kv.read` (rule at tasks/release.candidate.yaml:31:5)\"",
            false);

    private static JsonObject record(String json) {
        try {
            return Json.parseObject(json.getBytes(StandardCharsets.UTF_8));
        } catch (Json.MalformedJsonException e) {
            throw new AssertionError(json, e);
        }
    }

    private static JsonObject decision(String id, String task, String said, String candidate) {
        return record("{\"kind\":\"decision\",\"decision\":\"" + id + "\",\"time\":\"2026-11-28T09:00:0" + id.charAt(1)
                + ".000Z\",\"template\":\"release\",\"task\":\"" + task + "\"," + said
                + ",\"operation\":\"vault:kv.read\",\"resource\":[\"secret/a\"],\"candidate\":" + candidate + "}");
    }

    private static String says(String outcome, String code, String detail, boolean partial) {
        return "{\"revision\":\"sha-256:c\",\"outcome\":\"" + outcome + "\",\"code\":" + code + ",\"detail\":" + detail
                + ",\"partial\":" + partial + "}";
    }

    private static CandidateAudit audit() {
        CandidateAudit audit = new CandidateAudit("release", 1);
        audit.add(record("{\"kind\":\"start\",\"template\":\"release\"}"));
        audit.add(record("{\"kind\":\"decision\",\"template\":\"other\",\"candidate\":" + BY_RULE + "}"));
        audit.add(decision("d1", "t-1", PERMIT, "null"));
        audit.add(decision("d2", "t-1", PERMIT, BY_RULE));
        audit.add(decision("d3", "t-1", PERMIT, BY_RULE));
        audit.add(decision("d4", "t-2", PERMIT, BY_RULE.replace("\"partial\":false", "\"partial\":true")));
        audit.add(decision("d5", "t-2", PERMIT, says("deny", "\"not-granted\"", "\"the candidate does not\"", false)));
        audit.add(decision("d6", "t-3", DENY, says("permit", "null", "null", false)));
        audit.add(decision(
                "d7",
                "t-3",
                DENY,
                says("deny", "\"rate-exceeded\"", "\"The limit 'task' of 3 calls per 1 ms is reached\"", false)));
        return audit;
    }

    private static CandidateAudit.Revision only(CandidateAudit audit) {
        return Objects.requireNonNull(audit.revisions().get("sha-256:c"));
    }

    @Test
    void differences_areSummedUp_byRule() {
        CandidateAudit audit = audit();
        assertThat(audit.decisions()).isEqualTo(7);
        assertThat(audit.others()).containsExactly("other");
        Map<Kind, List<String>> causes = only(audit).all().stream()
                .collect(Collectors.groupingBy(
                        CandidateFinding::kind,
                        Collectors.mapping(
                                finding -> finding.cause() + " " + finding.calls() + "/" + finding.runs() + "/"
                                        + finding.partial() + "/"
                                        + finding.shown().size(),
                                Collectors.toList())));
        assertThat(causes)
                .containsEntry(
                        Kind.STRICTER,
                        List.of(
                                "tasks/release.candidate.yaml:31 rule-violation 3/2/1/1",
                                "not-granted of vault:kv.read 1/1/0/1"))
                .containsEntry(Kind.LOOSER, List.of("tasks/release.yaml:9 rule-violation 1/1/0/1"))
                .containsEntry(Kind.OTHERWISE, List.of("rate-exceeded by the limit 'task' 1/1/0/1"));
    }

    @Test
    void report_namesTheRule_theCalls_andTheRuns() {
        String text = CandidateReport.text(audit());
        assertThat(text)
                .contains("template release: 7 decisions in the log")
                .contains("  stricter: 4 calls of 2 runs that the candidate would refuse")
                .contains("    tasks/release.candidate.yaml:31 rule-violation: 3 calls of 2 runs, 1 in runs that began")
                .contains("d2 t-1 vault:kv.read on secret/a: was permit, would be rule-violation")
                .contains("      and 2 more")
                .contains("      runs: t-1, t-2")
                .contains("  looser: 1 call of 1 run that the candidate would let pass");
        JsonArray candidates = (JsonArray) CandidateReport.json(audit()).get("candidates");
        JsonObject candidate = (JsonObject) candidates.values().get(0);
        assertThat(((JsonArray) candidate.get("findings")).values()).hasSize(4);
    }

    @Test
    void linesOfAForgedRecord_beginNoLineOfTheReport() {
        CandidateAudit audit = new CandidateAudit("release", 5);
        audit.add(decision(
                "d1", "t\\nforged", PERMIT, says("deny", "\"x\\nforged\"", "\"y\\nforged tasks/a.yaml:1\"", false)));
        assertThat(CandidateReport.text(audit).lines()).noneMatch(line -> line.startsWith("forged"));
    }

    @Test
    void manyCausesAndRevisions_areBounded() {
        CandidateAudit audit = new CandidateAudit("release", 0);
        for (int i = 0; i < 3_000; i++) {
            audit.add(decision(
                    "d1", "t-1", PERMIT, says("deny", "\"rule-violation\"", "\"at tasks/a.yaml:" + i + "\"", false)));
        }
        assertThat(only(audit).all()).hasSizeLessThanOrEqualTo(1_001);
        for (int i = 0; i < 100; i++) {
            String said = says("permit", "\"x\"", "null", false).replace("sha-256:c", "sha-256:" + i);
            audit.add(decision("d1", "t-1", PERMIT, said));
        }
        assertThat(audit.revisions()).hasSize(32).containsKey("sha-256:99");
    }
}
