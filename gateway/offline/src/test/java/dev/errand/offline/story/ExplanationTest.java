package dev.errand.offline.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Faults;
import dev.errand.config.Yaml;
import dev.errand.config.YamlMap;
import dev.errand.json.Json;
import dev.errand.template.TemplateParser;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ExplanationTest {
    private static String verdict(String members) throws Exception {
        byte[] record = ("{\"decision\":\"d-1\",\"time\":\"T\"," + members + "}").getBytes(StandardCharsets.UTF_8);
        return Explanation.of(Json.parseObject(record), null, null, null).verdict();
    }

    @Test
    void verdict_saysWhatTheViolationLedTo() throws Exception {
        assertThat(
                        verdict(
                                "\"outcome\":\"deny\",\"code\":\"rule-violation\",\"step\":\"rule:0\",\"reaction\":\"interrupt\",\"over\":null"))
                .isEqualTo("denied: rule-violation (rule:0), reaction interrupt, at T");
        assertThat(verdict("\"outcome\":\"permit\",\"code\":\"rate-exceeded\",\"reaction\":\"throttle\",\"over\":null"))
                .isEqualTo("permitted (only observed: rate-exceeded, reaction throttle) at T, no outcome recorded");
    }

    @Test
    void verdict_saysThatTheTaskWouldHaveBeenOver() throws Exception {
        assertThat(verdict("\"outcome\":\"permit\",\"code\":null,\"reaction\":null,\"over\":true"))
                .isEqualTo("permitted (enforced, the task would have ended before) at T, no outcome recorded");
    }

    private static TemplateLines template() {
        String text = """
                template: t
                agents: ["spiffe://example.org/agent/*"]
                humans: {issuer: "https://idp.example.org"}
                allow: {"x:a": {}, "x:b": {}}
                rules:
                  - {bounded: "x:a", at-most: 3}
                  - {absence: "x:a", after: "x:b"}
                """;
        YamlMap lines = (YamlMap) Yaml.parse("tasks/t.yaml", text, new Faults());
        return new TemplateLines(new TemplateParser().parse(text).orElseThrow(), lines);
    }

    private static String explained(TemplateLines template, String revision) throws Exception {
        String record =
                "{\"decision\":\"d-1\",\"time\":\"T\",\"outcome\":\"deny\",\"code\":\"rule-violation\",\"step\":\"rule\","
                        + "\"detail\":\"`a` must not be sent any more\",\"rule\":\"tasks/t.yaml:7\",\"template\":\"t\",\"revision\":\""
                        + revision + "\",\"operation\":\"a\",\"state_before\":\"0\",\"state_after\":\"0\"}";
        return Explanation.of(Json.parseObject(record.getBytes(StandardCharsets.UTF_8)), null, null, template)
                .toText();
    }

    @Test
    void text_namesTheVeryRuleThatObjected_andNoOther() throws Exception {
        TemplateLines template = template();
        assertThat(explained(template, template.template().revision()))
                .contains(
                        "objected: tasks/t.yaml:7: - {absence: \"x:a\", after: \"x:b\"}",
                        "told: `a` must not be sent any more")
                .doesNotContain("bounded");
    }

    @Test
    void text_namesTheHeadersThatTheUpstreamDidNotGet() throws Exception {
        String record = "{\"decision\":\"d-1\",\"time\":\"T\",\"outcome\":\"permit\",\"operation\":\"a\","
                + "\"removed\":[\"x-tenant-id\",\"origin\"]}";
        assertThat(Explanation.of(Json.parseObject(record.getBytes(StandardCharsets.UTF_8)), null, null, null)
                        .toText())
                .contains("without the headers: x-tenant-id, origin");
    }

    @Test
    void text_namesWhoApproved_andWhichOfManyCallsItWas() throws Exception {
        String record =
                "{\"decision\":\"d-1\",\"time\":\"T\",\"outcome\":\"permit\",\"operation\":\"a\",\"approval\":{\"id\":\"a-1\","
                        + "\"by\":[{\"iss\":\"https://idp\",\"sub\":\"alice\"}],\"digest\":\"sha-256:d\"%s}}";
        String one = record.formatted("");
        String many = record.formatted(",\"offer\":{\"calls\":5,\"used\":2}");
        assertThat(Explanation.of(Json.parseObject(one.getBytes(StandardCharsets.UTF_8)), null, null, null)
                        .toText())
                .contains("approved by alice at https://idp, request a-1, digest sha-256:d");
        assertThat(Explanation.of(Json.parseObject(many.getBytes(StandardCharsets.UTF_8)), null, null, null)
                        .toText())
                .contains("approved by alice at https://idp, as call 2 of 5 that were approved at once, request a-1");
    }

    @Test
    void text_withoutTheRevision_namesThePlaceAlone() throws Exception {
        assertThat(explained(template(), "sha-256:other")).contains("objected: tasks/t.yaml:7\n");
    }

    @Test
    void verdict_ofARecordOfAnOlderBuild_isAsItWas() throws Exception {
        assertThat(verdict("\"outcome\":\"deny\",\"code\":\"not-granted\"")).isEqualTo("denied: not-granted, at T");
        assertThat(verdict("\"outcome\":\"permit\"")).isEqualTo("permitted at T, no outcome recorded");
    }
}
