package dev.errand.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.Human;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RecordJsonTest {
    private static String text(ProvenanceRecord record) {
        return new String(RecordJson.line(record), StandardCharsets.UTF_8);
    }

    @Test
    void candidate_isAMemberWhereItSaysSomethingElse() {
        assertThat(text(Records.beside(
                        new ProvenanceRecord.Candidate("sha-256:c", false, "rule-violation", "not so often", true))))
                .endsWith("\"approval\":null,\"candidate\":{\"revision\":\"sha-256:c\",\"outcome\":\"deny\","
                        + "\"code\":\"rule-violation\",\"detail\":\"not so often\",\"partial\":true}}");
        assertThat(text(Records.beside(new ProvenanceRecord.Candidate("sha-256:c", true, null, null, false))))
                .endsWith("\"candidate\":{\"revision\":\"sha-256:c\",\"outcome\":\"permit\",\"code\":null,"
                        + "\"detail\":null,\"partial\":false}}");
    }

    @Test
    void line_permit_hasTheContractsFieldsInOrder() {
        assertThat(text(Records.permit("d-1", "t-1")))
                .isEqualTo(
                        "{\"kind\":\"decision\",\"decision\":\"d-1\",\"time\":\"2026-11-24T16:21:18.007Z\",\"outcome\":\"permit\","
                                + "\"code\":null,\"step\":null,\"detail\":null,\"rule\":null,\"task\":\"t-1\",\"template\":\"release\","
                                + "\"revision\":\"sha-256:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU\","
                                + "\"human\":{\"iss\":\"https://idp.example.org\",\"sub\":\"user:7f3c\"},\"anchor\":null,"
                                + "\"agents\":[{\"jkt\":\"NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs\","
                                + "\"sub\":\"spiffe://example.org/agent/release-bot\",\"attested\":true}],"
                                + "\"holder\":\"NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs\","
                                + "\"instruction\":{\"source\":\"human\",\"ref\":\"https://tracker.example.org/REL-42\","
                                + "\"digest\":null,\"integrity\":\"trusted\"},"
                                + "\"operation\":\"vault:kv.read\",\"resource\":[\"secret/ci/payments\"],"
                                + "\"args_hash\":\"sha-256:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU\",\"arguments\":null,\"removed\":null,"
                                + "\"method\":\"GET\",\"route\":\"vault\",\"budgets\":{\"calls\":199,\"task\":39},"
                                + "\"state_before\":\"0\",\"state_after\":\"0+1 in flight\",\"mode\":\"enforce\",\"reaction\":null,\"over\":null,"
                                + "\"gateway\":\"g-0123456789abcdef\",\"gateway_name\":null,"
                                + "\"traceparent\":\"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\",\"approval\":null,\"candidate\":null}");
    }

    @Test
    void line_agents_areTheSameObjectsWhetherPlainOrNot() {
        String plain = text(Records.by("spiffe://example.org/a"));
        assertThat(plain).contains("\"sub\":\"spiffe://example.org/a\",\"attested\":true}");
        assertThat(text(Records.by("spiffe://example.org/\"\u202e")))
                .isEqualTo(plain.replace("example.org/a\"", "example.org/\\\"\\u202e\""));
        assertThat(text(Records.by("x".repeat(513)))).isEqualTo(text(Records.by("x".repeat(512))));
    }

    @Test
    void line_agentsOfWhichOneIsNotPlain_areAllThere() throws Exception {
        List<Object> names = new ArrayList<>();
        ((JsonArray) Json.parseObject(RecordJson.line(Records.by("a", "caf\u00e9", "b")))
                        .get("agents"))
                .values()
                .forEach(agent -> names.add(((JsonObject) agent).string("sub")));
        assertThat(names).containsExactly("a", "caf\u00e9", "b");
    }

    @Test
    void line_afterALongOne_isWhole() throws Exception {
        String before = text(Records.permit("d-1", "t-1"));
        for (int count : new int[] {10, 100, 3_000, 10}) {
            byte[] many = RecordJson.line(Records.of(Collections.nCopies(count, "a resource of that many")));
            JsonArray resources = (JsonArray) Json.parseObject(many).get("resource");
            assertThat(resources.values()).hasSize(count);
            assertThat(text(Records.permit("d-1", "t-1"))).isEqualTo(before);
        }
    }

    @Test
    void line_denialBeforeAnythingIsKnown_hasEveryFieldNull() {
        ProvenanceRecord.Decision denied = new ProvenanceRecord.Decision(
                "d-2",
                Instant.EPOCH,
                false,
                new ProvenanceRecord.Objection("invalid-token", "2b", null, null),
                ProvenanceRecord.Caller.UNVERIFIED,
                new ProvenanceRecord.Request(
                        List.of(), List.of(), null, null, List.of("x-tenant-id", "origin"), null, null),
                ProvenanceRecord.Position.UNKNOWN,
                "enforce",
                null,
                false,
                "g-1",
                null,
                null,
                null,
                null,
                0);
        assertThat(text(denied))
                .isEqualTo(
                        "{\"kind\":\"decision\",\"decision\":\"d-2\",\"time\":\"1970-01-01T00:00:00.000Z\","
                                + "\"outcome\":\"deny\",\"code\":\"invalid-token\",\"step\":\"2b\",\"detail\":null,\"rule\":null,\"task\":null,\"template\":null,"
                                + "\"revision\":null,\"human\":null,\"anchor\":null,\"agents\":null,\"holder\":null,\"instruction\":null,"
                                + "\"operation\":null,\"resource\":null,\"args_hash\":null,\"arguments\":null,\"removed\":[\"x-tenant-id\",\"origin\"],\"method\":null,\"route\":null,"
                                + "\"budgets\":null,\"state_before\":null,\"state_after\":null,\"mode\":\"enforce\",\"reaction\":null,\"over\":null,"
                                + "\"gateway\":\"g-1\",\"gateway_name\":null,\"traceparent\":null,\"approval\":null,\"candidate\":null}");
    }

    @Test
    void line_otherKinds() {
        assertThat(text(Records.outcome("d-1")))
                .isEqualTo("{\"kind\":\"outcome\",\"decision\":\"d-1\",\"time\":\"2026-11-24T16:21:18.007Z\","
                        + "\"upstream_status\":200,\"duration_ms\":12,\"compensated\":false}");
        assertThat(text(new ProvenanceRecord.Outcome("d-1", Records.TIME, null, 0, true, null, false)))
                .contains("\"upstream_status\":null,\"duration_ms\":0,\"compensated\":true");
        assertThat(text(new ProvenanceRecord.Refused(Records.TIME, "vault", "invalid-token", 17)))
                .isEqualTo("{\"kind\":\"refused\",\"time\":\"2026-11-24T16:21:18.007Z\",\"route\":\"vault\","
                        + "\"code\":\"invalid-token\",\"count\":17}");
        assertThat(text(new ProvenanceRecord.Operator(
                        Records.TIME, EndedBy.operator("alice", null), "interrupt", "t-1", null)))
                .isEqualTo("{\"kind\":\"operator\",\"time\":\"2026-11-24T16:21:18.007Z\","
                        + "\"by\":\"operator:alice\",\"iss\":null,\"sub\":null,\"action\":\"interrupt\","
                        + "\"task\":\"t-1\",\"detail\":null}");
        assertThat(text(new ProvenanceRecord.Ended(
                        Records.TIME,
                        "t-1",
                        null,
                        "jkt",
                        "interrupted",
                        EndedBy.operator("alice", new Human("https://idp", "s-1")),
                        "d-1",
                        new Human("https://idp.example.org", "user:7f3c"),
                        "why")))
                .isEqualTo("{\"kind\":\"ended\",\"time\":\"2026-11-24T16:21:18.007Z\",\"task\":\"t-1\","
                        + "\"token\":null,\"holder\":\"jkt\",\"state\":\"interrupted\",\"by\":\"operator:alice\","
                        + "\"iss\":\"https://idp\",\"sub\":\"s-1\","
                        + "\"decision\":\"d-1\",\"human\":{\"iss\":\"https://idp.example.org\",\"sub\":\"user:7f3c\"},"
                        + "\"why\":\"why\"}");
        assertThat(text(new ProvenanceRecord.Event(
                        Records.TIME, "session-revoked", "e-1", "t-1", "tok", "soc", "refused", 400, "invalid_key", 3)))
                .isEqualTo("{\"kind\":\"event\",\"time\":\"2026-11-24T16:21:18.007Z\","
                        + "\"event\":\"session-revoked\",\"id\":\"e-1\",\"task\":\"t-1\",\"token\":\"tok\","
                        + "\"receiver\":\"soc\",\"outcome\":\"refused\",\"status\":400,\"error\":\"invalid_key\","
                        + "\"attempts\":3}");
    }

    @Test
    void line_hostileStrings_stayOneLineOfJsonThatCannotBeMisread() throws Exception {
        String hostile =
                "a\"\\b\n{\"kind\":\"decision\"}\r\u0000\u001b[31m\u007f\u0085\u202e\u2066\u2028\u200b\ufeff\ud800x\udc00";
        String line = text(Records.permit("d-1", "t-1", hostile));
        assertThat(line.chars())
                .noneMatch(c -> c < 0x20
                        || (c >= 0x7f && c <= 0x9f)
                        || (c >= 0x200b && c <= 0x206f)
                        || c == 0xfeff
                        || (c >= 0xd800 && c <= 0xdfff));
        assertThat(line).contains("\\u202e").contains("\\u000a").contains("\\u001b");
        JsonObject json = Json.parseObject(line.getBytes(StandardCharsets.UTF_8));
        assertThat(json.get("resource"))
                .isEqualTo(new JsonArray(List.of(
                        new JsonString(hostile.replace('\ud800', '\ufffd').replace('\udc00', '\ufffd')))));
    }

    @Test
    void line_longStrings_areCutAt512WithoutSplittingACharacter() throws Exception {
        String line = text(Records.permit("d-1", "t-1", "x".repeat(511) + "\ud83d\ude00" + "tail"));
        JsonObject json = Json.parseObject(line.getBytes(StandardCharsets.UTF_8));
        assertThat(json.get("resource")).isEqualTo(new JsonArray(List.of(new JsonString("x".repeat(511)))));
        String whole = text(Records.permit("d-1", "t-1", "x".repeat(510) + "\ud83d\ude00" + "tail"));
        assertThat(whole).contains("x\ud83d\ude00\"]");
    }

    @Test
    void line_randomStrings_readBackAsTheyWere() throws Exception {
        SplittableRandom random = new SplittableRandom(512);
        for (int round = 0; round < 2000; round++) {
            StringBuilder text = new StringBuilder();
            int length = random.nextInt(40);
            for (int i = 0; i < length; i++) {
                int point = random.nextInt(random.nextBoolean() ? 0x100 : 0x110000);
                text.appendCodePoint(point >= 0xd800 && point < 0xe000 ? 'x' : point);
            }
            JsonObject json = Json.parseObject(RecordJson.line(new ProvenanceRecord.Operator(
                    Records.TIME, new EndedBy("operator", null), text.toString(), null, text.toString())));
            assertThat(json.string("action")).isEqualTo(text.toString());
            assertThat(json.string("detail")).isEqualTo(text.toString());
        }
    }
}
