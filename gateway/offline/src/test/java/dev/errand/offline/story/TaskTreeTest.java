package dev.errand.offline.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class TaskTreeTest {
    private static final String ROOT = "{\"jkt\":\"k0\",\"sub\":\"spiffe://example.org/bot\",\"attested\":true}";
    private static final String CHILD = "{\"jkt\":\"k1\",\"sub\":null,\"attested\":false}";

    private static JsonObject record(String json) {
        try {
            return Json.parseObject(json.getBytes(StandardCharsets.UTF_8));
        } catch (Json.MalformedJsonException e) {
            throw new AssertionError(json, e);
        }
    }

    private static JsonObject decision(int second, String id, String outcome, String agents, String operation) {
        return record("{\"kind\":\"decision\",\"decision\":\"" + id + "\",\"time\":\"2026-11-24T10:00:0" + second
                + "Z\",\"outcome\":\"" + outcome + "\",\"code\":"
                + (outcome.equals("deny") ? "\"not-granted\"" : "null")
                + ",\"task\":\"t-1\",\"template\":\"release\",\"revision\":\"sha-256:r\",\"human\":{\"iss\":\"https://idp\","
                + "\"sub\":\"ada\"},\"agents\":[" + agents
                + "],\"instruction\":{\"source\":\"human\",\"ref\":\"REL-42\","
                + "\"digest\":null,\"integrity\":\"trusted\"},\"operation\":\"" + operation
                + "\",\"resource\":[\"a\"],\"budgets\":{\"calls\":" + (9 - second) + "}}");
    }

    private static JsonObject outcome(int second, String id, String status, boolean compensated) {
        return record("{\"kind\":\"outcome\",\"decision\":\"" + id + "\",\"time\":\"2026-11-24T10:00:0" + second
                + "Z\",\"upstream_status\":" + status + ",\"duration_ms\":3,\"compensated\":" + compensated + "}");
    }

    private static List<JsonObject> records() {
        return List.of(
                decision(1, "d-1", "permit", ROOT, "vault:kv.read"),
                outcome(2, "d-1", "200", false),
                decision(3, "d-2", "permit", ROOT + "," + CHILD, "s3:PutObject s3:GetObject"),
                decision(4, "d-3", "permit", ROOT, "vault:kv.read"),
                outcome(4, "d-3", "null", true),
                decision(5, "d-4", "deny", ROOT + "," + CHILD, "vault:kv.write"),
                record("{\"kind\":\"ended\",\"time\":\"2026-11-24T10:00:06Z\",\"task\":\"t-1\",\"token\":\"h\","
                        + "\"holder\":\"k1\",\"state\":\"interrupted\",\"by\":\"policy\",\"decision\":\"d-4\","
                        + "\"human\":null,\"why\":\"cut.\"}"),
                record("{\"kind\":\"ended\",\"time\":\"2026-11-24T10:00:07Z\",\"task\":\"t-1\",\"token\":null,"
                        + "\"holder\":null,\"state\":\"completed\",\"by\":\"holder\",\"decision\":null,\"human\":null,"
                        + "\"why\":\"The task's holder ended it.\"}"));
    }

    private static TaskTree tree(List<JsonObject> records) {
        return TaskTree.of("t-1", records).orElseThrow();
    }

    @Test
    void of_noRecords_isEmpty() {
        assertThat(TaskTree.of("t-1", List.of())).isEmpty();
    }

    @Test
    void used_leavesOutWhatWasGivenBackAndDenied_andCountsPairs() {
        assertThat(tree(records()).used())
                .containsEntry("calls", 3L)
                .containsEntry("op:vault:kv.read", 1L)
                .containsEntry("op:s3:PutObject", 1L)
                .containsEntry("op:s3:GetObject", 1L)
                .hasSize(4);
    }

    @Test
    void of_recordsOfTwoLogs_areInOrderOfTime() {
        List<JsonObject> mixed = new ArrayList<>(records());
        Collections.reverse(mixed);
        assertThat(new TaskStory(tree(mixed), null).toText()).isEqualTo(new TaskStory(tree(records()), null).toText());
    }

    @Test
    void story_asText_tellsEverything() {
        assertThat(new TaskStory(tree(records()), null).toText()).isEqualTo("""
                task t-1
                template release revision sha-256:r
                human ada at https://idp
                state completed
                token interrupted at 2026-11-24T10:00:06Z by policy, decision d-4: cut.
                task completed at 2026-11-24T10:00:07Z by holder: The task's holder ended it.
                instruction human REL-42, trusted
                holders
                  spiffe://example.org/bot (attested): 2 permitted, 0 denied
                    key k1 (not attested): 1 permitted, 1 denied, ended 2026-11-24T10:00:06Z
                used calls 3 op:vault:kv.read 1 op:s3:PutObject 1 op:s3:GetObject 1
                calls
                  2026-11-24T10:00:01Z  spiffe://example.org/bot  vault:kv.read  a  permit, upstream answered 200  d-1
                  2026-11-24T10:00:03Z    key k1  s3:PutObject s3:GetObject  a  permit, no outcome recorded  d-2
                  2026-11-24T10:00:04Z  spiffe://example.org/bot  vault:kv.read  a  permit, not sent, given back  d-3
                  2026-11-24T10:00:05Z    key k1  vault:kv.write  a  deny not-granted  d-4
                """);
    }

    @Test
    void story_ofAStartThatIsRecorded_tellsIt_alsoBeforeTheFirstCall() {
        JsonObject start =
                record("{\"kind\":\"start\",\"time\":\"2026-11-24T09:59:59Z\",\"outcome\":\"granted\",\"task\":\"t-1\","
                        + "\"template\":\"release\",\"revision\":\"sha-256:r\",\"parameters\":{\"service\":\"payments\"},"
                        + "\"human\":{\"iss\":\"https://idp\",\"sub\":\"ada\"},\"agent\":\"spiffe://example.org/bot\","
                        + "\"expires\":\"2026-11-24T10:14:59Z\"}");
        String alone = new TaskStory(tree(List.of(start)), null).toText();
        assertThat(alone).startsWith("""
                        task t-1
                        template release revision sha-256:r
                        human ada at https://idp
                        started 2026-11-24T09:59:59Z by spiffe://example.org/bot, expires 2026-11-24T10:14:59Z
                        parameters service=payments
                        state unknown
                        """);
        List<JsonObject> all = new ArrayList<>(records());
        all.add(start);
        JsonObject story = new TaskStory(tree(all), null).toJson();
        assertThat(story.string("started")).isEqualTo("2026-11-24T09:59:59Z");
        assertThat(story.object("parameters").string("service")).isEqualTo("payments");
        assertThat(((JsonArray) story.get("calls")).values()).hasSize(4);
    }

    @Test
    void story_asJson_hasTheTreeOfHolders() {
        JsonObject story = new TaskStory(tree(records()), "expired").toJson();
        assertThat(story.string("state")).isEqualTo("expired");
        JsonObject root =
                (JsonObject) ((JsonArray) story.get("holders")).values().get(0);
        JsonObject child =
                (JsonObject) ((JsonArray) root.get("children")).values().get(0);
        assertThat(root.string("jkt")).isEqualTo("k0");
        assertThat(child.string("jkt")).isEqualTo("k1");
        assertThat(child.object("ending").string("why")).isEqualTo("cut.");
        assertThat(((JsonArray) story.get("calls")).values()).hasSize(4);
    }
}
