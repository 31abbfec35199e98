package dev.errand.web.refusal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.denial.Next;
import dev.errand.operation.RefusalStyle;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpHeaders;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a refusal says in each form. */
class RefusalFormsTest {
    private static final String REQUEST = "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{}}";

    private static RefusalContent told(
            RefusalStyle style, DenyReason reason, int status, String detail, String request) {
        return told(style, new Denial(reason, "6b", detail), status, "t-1", "3", request);
    }

    private static RefusalContent told(
            RefusalStyle style,
            Denial denial,
            int status,
            @Nullable String task,
            @Nullable String retryAfter,
            @Nullable String request) {
        byte[] body = request == null ? null : request.getBytes(StandardCharsets.UTF_8);
        Next next = Next.of(denial, status, false, false, true);
        return new RefusalContent(
                style, "https://x", denial, status, "d-1", task, false, false, next, retryAfter, body, null);
    }

    private static String body(RefusalContent told) {
        return new String(RefusalForms.ALL.of(told).body(told), StandardCharsets.UTF_8);
    }

    private static JsonNode json(RefusalContent told) {
        return new JsonMapper().readTree(body(told));
    }

    @Test
    void problem_hasItsMembersInTheOrderOfTheirNames() {
        Denial denial = new Denial(DenyReason.NOT_GRANTED, "6b", "not \"granted\"");
        String title = DenyReason.NOT_GRANTED.title();

        assertThat(body(told(RefusalStyle.PROBLEM, denial, 403, "t-1", null, null)))
                .isEqualTo("{\"code\":\"not-granted\",\"decision\":\"d-1\",\"detail\":\"not \\\"granted\\\"\","
                        + "\"interrupted\":false,\"next\":\"change\",\"status\":403,\"step\":\"6b\",\"task\":\"t-1\",\"title\":\""
                        + title
                        + "\",\"type\":\"https://x/problems/not-granted\"}");
        assertThat(body(told(RefusalStyle.PROBLEM, denial, 403, null, null, null)))
                .isEqualTo("{\"code\":\"not-granted\",\"decision\":\"d-1\",\"detail\":\"" + title
                        + "\",\"next\":\"change\",\"status\":403,\"title\":\"" + title
                        + "\",\"type\":\"https://x/problems/not-granted\"}");
    }

    @ParameterizedTest
    @CsvSource({
        "400, BadRequest, InvalidRequest, UNSUPPORTED",
        "401, Unauthorized, AccessDenied, UNAUTHORIZED",
        "403, Forbidden, AccessDenied, DENIED",
        "429, TooManyRequests, SlowDown, TOOMANYREQUESTS",
        "502, InternalError, InternalError, UNAVAILABLE",
        "503, ServiceUnavailable, ServiceUnavailable, UNAVAILABLE",
        "504, InternalError, InternalError, UNAVAILABLE"
    })
    void statusesHaveTheNamesOfTheApis(int status, String kubernetes, String s3, String oci) {
        String message = "errand: not-granted: no (decision d-1)";

        assertThat(json(told(RefusalStyle.KUBERNETES, DenyReason.NOT_GRANTED, status, "no", null)))
                .isEqualTo(new JsonMapper()
                        .readTree("{\"apiVersion\":\"v1\",\"kind\":\"Status\",\"status\":\"Failure\","
                                + "\"reason\":\"" + kubernetes + "\",\"message\":\"" + message + "\",\"code\":" + status
                                + ",\"details\":{\"retryAfterSeconds\":3}}"));
        assertThat(body(told(RefusalStyle.S3, DenyReason.NOT_GRANTED, status, "no", null)))
                .isEqualTo("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>" + s3 + "</Code><Message>" + message
                        + "</Message><RequestId>d-1</RequestId></Error>");
        assertThat(json(told(RefusalStyle.OCI, DenyReason.NOT_GRANTED, status, "no", null)))
                .isEqualTo(new JsonMapper()
                        .readTree("{\"errors\":[{\"code\":\"" + oci + "\",\"message\":\"" + message
                                + "\",\"detail\":{\"decision\":\"d-1\"}}]}"));
    }

    @Test
    void kubernetes_withoutATimeToComeBack_hasNoDetails() {
        Denial denial = new Denial(DenyReason.NOT_GRANTED, "6b", "no");

        assertThat(json(told(RefusalStyle.KUBERNETES, denial, 403, "t-1", null, null))
                        .propertyNames())
                .doesNotContain("details");
    }

    @Test
    void vaultAndText_haveTheMessageAlone() {
        assertThat(body(told(RefusalStyle.VAULT, DenyReason.RATE_EXCEEDED, 429, "wait", null)))
                .isEqualTo("{\"errors\":[\"errand: rate-exceeded: wait (decision d-1)\"]}");
        assertThat(body(told(RefusalStyle.TEXT, DenyReason.RATE_EXCEEDED, 429, "wait", null)))
                .isEqualTo("errand: rate-exceeded: wait (decision d-1)");
    }

    @ParameterizedTest
    @CsvSource({"400, 200", "401, 401", "403, 200", "429, 429", "502, 200", "503, 503", "504, 200"})
    void jsonrpc_keepsTheStatusesThatClientsActUpon(int status, int answered) {
        RefusalContent told = told(RefusalStyle.JSONRPC, DenyReason.NOT_GRANTED, status, "no", REQUEST);

        assertThat(RefusalForms.ALL.of(told).status(told)).isEqualTo(answered);
        JsonNode answer = json(told);
        assertThat(answer.get("jsonrpc").asString()).isEqualTo("2.0");
        assertThat(answer.get("id").asInt()).isEqualTo(7);
        assertThat(answer.get("error").get("code").asInt()).isEqualTo(-32010);
        String detail = "no. " + told.next().instruction(DenyReason.NOT_GRANTED);
        assertThat(answer.get("error").get("message").asString())
                .isEqualTo("errand: not-granted: " + detail + " (decision d-1)");
        JsonNode problem = answer.get("error").get("data");
        assertThat(problem).isEqualTo(json(told(RefusalStyle.PROBLEM, DenyReason.NOT_GRANTED, status, detail, null)));
        assertThat(problem.get("status").asInt()).isEqualTo(status);
    }

    @ParameterizedTest
    @ValueSource(strings = {"7", "-1.50e3", "\"a\\\"b\\u00e9\"", "\"\"", "9007199254740993"})
    void jsonrpc_answersUnderTheIdAsItWasSpelled(String id) {
        RefusalContent told = told(RefusalStyle.JSONRPC, DenyReason.NOT_GRANTED, 403, "no", REQUEST.replace("7", id));

        assertThat(body(told)).contains("\"id\":" + id.replace("\\u00e9", "é") + ",\"error\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "7",
                "[{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"a\"}]",
                "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}",
                "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"a\"}",
                "{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"a\"}",
                "{\"jsonrpc\":\"2.0\",\"id\":7,\"id\":8,\"method\":\"a\"}",
                "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}"
            })
    void jsonrpc_withoutARequestAndItsId_isAProblem(String request) {
        RefusalContent told = told(RefusalStyle.JSONRPC, DenyReason.NOT_GRANTED, 403, "no", request);

        assertThat(RefusalForms.ALL.of(told)).isInstanceOf(Problem.class);
        assertThat(RefusalForms.ALL.of(told).status(told)).isEqualTo(403);
    }

    @Test
    void jsonrpc_beforeTheBodyWasRead_isAProblem() {
        RefusalContent told = told(RefusalStyle.JSONRPC, DenyReason.NOT_GRANTED, 403, "no", null);

        assertThat(RefusalForms.ALL.of(told)).isInstanceOf(Problem.class);
    }

    @Test
    void problem_namesTheCallsWhoseOutcomeNobodyKnows() {
        Denial denial =
                new Denial(DenyReason.RULE_VIOLATION, "rule", "nobody knows", "t.yaml:3", List.of("d-AA", "d-BB"));
        RefusalContent told = told(RefusalStyle.PROBLEM, denial, 403, "t-1", null, null);
        assertThat(body(told))
                .endsWith("\"type\":\"https://x/problems/rule-violation\",\"unknown\":[\"d-AA\",\"d-BB\"]}");
        assertThat(json(told(RefusalStyle.JSONRPC, denial, 403, "t-1", null, REQUEST))
                        .get("error")
                        .get("data"))
                .isEqualTo(json(told(
                        RefusalStyle.PROBLEM,
                        denial.saying("nobody knows. " + Next.CHANGE.instruction(DenyReason.RULE_VIOLATION)),
                        403,
                        "t-1",
                        null,
                        null)));
        assertThat(body(told(RefusalStyle.PROBLEM, DenyReason.RULE_VIOLATION, 403, "no", null)))
                .doesNotContain("unknown");
        assertThat(body(told(RefusalStyle.PROBLEM, denial, 403, null, null, null)))
                .as("to a stranger")
                .doesNotContain("d-AA");
    }

    /** Hosts of MCP show a model the message alone. A stranger learns nothing of the call by it. */
    @ParameterizedTest
    @EnumSource
    void jsonrpc_tellsTheModelWhatToDo(DenyReason reason) {
        Denial denial = new Denial(reason, "6b", "Because.");
        for (String task : new String[] {"t-1", null}) {
            JsonNode error = json(told(RefusalStyle.JSONRPC, denial, reason.status(), task, null, REQUEST))
                    .get("error");
            String detail = (task == null ? reason.title() + ". " : "Because. ") + reason.instruction();

            assertThat(error.get("message").asString())
                    .isEqualTo("errand: " + reason.code() + ": " + detail + " (decision d-1)");
            assertThat(error.get("data").get("detail").asString()).isEqualTo(detail);
            assertThat(error.get("data").get("next").asString()).isIn("stop", "wait", "retry", "change");
        }
    }

    @Test
    void jsonrpc_thatAsksForAHuman_saysNextBesideTheElicitation() {
        Denial denial = new Denial(DenyReason.APPROVAL_REQUIRED, "approval", "Ask.");
        RefusalContent told = new RefusalContent(
                RefusalStyle.JSONRPC,
                "https://x",
                denial,
                403,
                "d-1",
                "t-1",
                false,
                false,
                Next.WAIT,
                "5",
                REQUEST.getBytes(StandardCharsets.UTF_8),
                new RefusalContent.Waiting("a-1", "https://x/approvals/a-1", 60, "digest", true));

        assertThat(json(told).get("error").get("data").get("next").asString()).isEqualTo("wait");
    }

    /** No form tells a caller who is not verified more than the problem does. */
    @ParameterizedTest
    @EnumSource
    void strangers_learnTheTitleOnly(RefusalStyle style) {
        Denial denial = new Denial(DenyReason.INVALID_TOKEN, "3b", "secret reason");
        String told = body(told(style, denial, 401, null, null, REQUEST));

        assertThat(told)
                .contains(DenyReason.INVALID_TOKEN.title())
                .doesNotContain("secret")
                .doesNotContain("3b");
    }

    @ParameterizedTest
    @EnumSource
    void strangers_areToldWhatIsOpen(RefusalStyle style) {
        Denial denial = new Denial(DenyReason.INVALID_TOKEN, "5a", "the token has expired");
        RefusalContent told = new RefusalContent(
                style, "https://x", denial, 401, "d-1", null, true, false, Next.STOP, null, null, null);

        assertThat(body(told)).contains("the token has expired").doesNotContain("5a");
    }

    @ParameterizedTest
    @EnumSource
    void textFromOutside_breaksNoForm(RefusalStyle style) {
        String nasty = "<&>\"'\\ \n\r\u0000\u001b[31m\u202e]]>\ud800 é";
        RefusalContent told = told(style, DenyReason.UNKNOWN_OPERATION, 403, nasty, REQUEST);
        String body = body(told);

        assertThat(body.chars()).noneMatch(c -> c < 0x20);
        if (style == RefusalStyle.S3) {
            assertThat(body).contains("&lt;&amp;&gt;").contains("é").doesNotContain("]]>");
        } else if (style != RefusalStyle.TEXT) {
            assertThat(json(told).isObject()).isTrue();
        } else {
            assertThat(body.lines()).hasSize(1);
        }
    }

    @Test
    void everyStyle_hasAFormOfItsOwn() {
        Set<Class<?>> forms = EnumSet.allOf(RefusalStyle.class).stream()
                .map(style -> told(style, DenyReason.NOT_GRANTED, 403, "no", REQUEST))
                .map(told -> RefusalForms.ALL.of(told).getClass())
                .collect(Collectors.toSet());

        assertThat(forms).hasSameSizeAs(RefusalStyle.values());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "application/problem+json | true",
                "Application/Problem+JSON;q=0.2 | true",
                "text/html, application/problem+json ;q=1, */* | true",
                "application/problem+json;q=0 | false",
                "application/problem+json; q=0.000 | false",
                "application/problem+json;q=0.001 | true",
                "application/problem+jsonx | false",
                "application/problem+xml | false",
                "application/json, text/event-stream | false",
                "application/* | false",
                "*/* | false",
                "'' | false",
                ",,, | false",
                "- | false"
            })
    void accept_namesTheProblem(@Nullable String accept, boolean named) {
        HttpHeaders headers = new HttpHeaders();
        if (accept != null) {
            headers.add("Accept", "x/y");
            headers.add("Accept", accept);
        }

        assertThat(AcceptedForm.isProblem(headers)).isEqualTo(named);
    }
}
