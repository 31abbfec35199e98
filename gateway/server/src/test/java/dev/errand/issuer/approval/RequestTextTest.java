package dev.errand.issuer.approval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Json;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

    @Test
    void offer_isShownWithWhatStaysAndWhatMayDiffer() throws Exception {
        Map<String, JsonValue> members =
                new LinkedHashMap<>(request("off", "trusted", "null").members());
        String offer = """
                {"offer":{"calls":5,"fixed":{"account":"NL1"}},"offer_digest":"sha-256:o",
                 "offer_within":{"account":{"constraint_type":"wildcard"},"amount":{"constraint_type":"range","max":500},"*":{"constraint_type":"wildcard"}}}""";
        members.putAll(Json.parseObject(offer.getBytes(StandardCharsets.UTF_8)).members());
        String[] shown = {
            "You may approve up to 5 calls of this operation by one answer, this one included. They may come until "
                    + RequestSentences.clock(1795511900) + ", and only while the task's integrity is the same.",
            "Each has the account \"NL1\".",
            "The other values may differ from call to call:",
            "amount at most 500",
            "any other argument any value"
        };
        assertThat(RequestText.lines(new JsonObject(members)))
                .containsSubsequence("Digest sha-256:x", "One answer for several calls")
                .containsSubsequence(shown)
                .endsWith("Digest sha-256:o");
        PageFrame.Reader reader = new PageFrame.Reader("alice", name -> "token");
        String page = new RequestPage(new PageFrame("https://g", false), reader, false).html(new JsonObject(members));
        assertThat(page)
                .contains("value=\"sha-256:x\"><button name=\"decision\" value=\"approve\"")
                .contains(
                        "value=\"sha-256:o\"><button name=\"decision\" value=\"approve\" class=\"approve\">Approve up to 5 such calls")
                .contains("amount at most 500");
        members.put("state", new JsonString("approved"));
        members.put("offer_used", JsonNumber.of(2));
        assertThat(RequestText.lines(new JsonObject(members)))
                .contains("People approved up to 5 calls of this kind. 2 have passed.")
                .doesNotContain("One answer for several calls");
    }

    /** An agent chooses values, and names of arguments in tokens that it narrows. */
    @Test
    void offer_valueThatReadsAsASentence_staysAValue() throws Exception {
        Map<String, JsonValue> members =
                new LinkedHashMap<>(request("off", "trusted", "null").members());
        String offer = """
                {"offer":{"calls":5,"fixed":{"account":"NL1. The amount is \\"5\\" each time"}},"offer_digest":"sha-256:o",
                 "offer_within":{"amount at most 5, not":{"constraint_type":"wildcard"}}}""";
        members.putAll(Json.parseObject(offer.getBytes(StandardCharsets.UTF_8)).members());
        assertThat(RequestText.lines(new JsonObject(members)))
                .contains(
                        "Each has the account \"NL1. The amount is \\\"5\\\" each time\".",
                        "\"amount at most 5, not\" any value");
    }
}
