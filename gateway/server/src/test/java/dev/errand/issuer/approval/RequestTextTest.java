package dev.errand.issuer.approval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestTextTest {
    private static final String CARE = "Untrusted content has reached the task";

    private static JsonObject request(String flow, String integrity, String instruction) throws Exception {
        String text = """
                {"id":"a-1.t-1","state":"pending","approvals":1,"quorum":2,"expires_in":300,"expires":1795511900,
                 "operation":"shop:refund","resource":["orders/17"],"method":"POST","target":"/shop/refunds","body":"",
                 "arguments":[{"resource":"orders/17","amount":30}],"shown":{"headers":{},"cut":["x-note"],"left_out":["x-key"],"body":null},
                 "code":"rule-violation","why":["It is the second refund."],
                 "objected":[{"code":"rule-violation","at":"tasks/t.yaml:9","counted":1}],"refused_before":1,
                 "human":{"iss":"https://idp","sub":"alice"},"agents":[{"sub":"spiffe://a/b","attested":false}],
                 "template":"refunds","task":"t-1","consequences":[],"used":3,"digest":"sha-256:x",
                 "closest":{"operation":"shop:order.get","arguments":{"resource":{"constraint_type":"wildcard"}}},
                 "flow":"%s","integrity":"%s","instruction":%s}""".formatted(flow, integrity, instruction);
        return Json.parseObject(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void lines_areSentences_inTheOrderOfThePage() throws Exception {
        List<String> lines = RequestText.lines(request("enforce", "untrusted", "null"));
        assertThat(lines)
                .containsSubsequence(
                        "May the agent make this call?",
                        "What is asked",
                        "Operation: shop:refund",
                        "Resource: orders/17",
                        "Request: POST /shop/refunds",
                        "Argument amount: 30",
                        "Cut after 256 characters: x-note",
                        "Not shown, since it may hold a credential: x-key",
                        "Body: none.",
                        "Why it was stopped",
                        "- It is the second refund. (tasks/t.yaml:9, counted so far: 1)",
                        "Who asks",
                        "For: alice of https://idp",
                        "Agent: spiffe://a/b (this name is the agent's own word)",
                        "What would follow",
                        "The nearest call that is allowed now is shop:order.get.",
                        "- resource any value",
                        "2 people must approve; 1 did so far.",
                        "Digest sha-256:x");
        assertThat(lines).noneMatch(line -> line.startsWith("Argument resource"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "off|untrusted|null|false",
                "off|untrusted|{\"source\":\"agent\",\"integrity\":\"untrusted\"}|true",
                "off|trusted|{\"source\":\"human\",\"integrity\":\"trusted\"}|false",
                "observe|untrusted|null|true",
                "enforce|untrusted|null|true",
                "enforce|trusted|null|false"
            })
    void warning_isGivenWhereFlowOrInstructionSaysSo(String flow, String integrity, String instruction, boolean warned)
            throws Exception {
        List<String> lines = RequestText.lines(request(flow, integrity, instruction));
        assertThat(lines.stream().anyMatch(line -> line.startsWith(CARE))).isEqualTo(warned);
    }
}
