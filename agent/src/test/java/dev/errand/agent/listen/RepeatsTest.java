package dev.errand.agent.listen;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which refusals the companion meets by a second call, and which it never does. */
@Execution(ExecutionMode.CONCURRENT)
class RepeatsTest {
    private static final String DECIDED = "Errand-Decision: d-1\r\nErrand-Operation: vault:kv.write\r\n";
    private static final String NONCE = "WWW-Authenticate: DPoP error=\"use_dpop_nonce\"\r\nDPoP-Nonce: n-1\r\n";
    private static final Duration WAIT = Duration.ofSeconds(5);

    private static String refused(String code, String more) {
        String next = code.equals("approval-required") ? "wait" : "retry";
        return DECIDED + "Errand-Code: " + code + "\r\nErrand-Next: " + next + "\r\nErrand-Sent: no\r\n" + more;
    }

    /** Refuses the first call so, and permits all later ones. */
    private static ScriptedGateway.Script once(int status, String headers) {
        return request -> {
            if (request.number() == 0) {
                request.answer(status, headers, "refused");
            } else {
                request.answer(200, DECIDED, "done");
            }
        };
    }

    private static HttpResponse<String> post(TestCompanion companion, String body) throws Exception {
        return TestCompanion.HTTP.send(
                companion
                        .request("/vault/a?x=1")
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    @ParameterizedTest
    @CsvSource({
        "429,rate-exceeded",
        "503,decision-unavailable",
        "403,sequence-violation",
        "403,rule-violation",
        "200,sequence-violation",
        "502,upstream-unavailable"
    })
    void refusal_thatPasses_isMetByASecondCall(int status, String code) throws Exception {
        try (ScriptedGateway gateway = new ScriptedGateway(once(status, refused(code, "Retry-After: 1\r\n")));
                TestCompanion companion = new TestCompanion(gateway.url(), WAIT)) {
            long begun = System.nanoTime();
            HttpResponse<String> answer = post(companion, "body");
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("done");
            assertThat(System.nanoTime() - begun).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(900));
            assertThat(gateway.arrived()).hasSize(2);
            assertThat(gateway.arrived().get(1).body()).asString().isEqualTo("body");
            assertThat(gateway.arrived().get(1).header("DPoP"))
                    .isNotEqualTo(gateway.arrived().get(0).header("DPoP"));
            assertThat(companion.tally()).containsExactly("vault:kv.write: 1 permitted, 0 refused");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rate-exceeded|Errand-Next: retry\r\nRetry-After: 0\r\nErrand-Sent: maybe",
                "decision-unavailable|Errand-Next: check\r\nRetry-After: 0\r\nErrand-Sent: maybe",
                "decision-unavailable|Errand-Next: retry\r\nErrand-Sent: no",
                "not-granted|Errand-Next: change\r\nRetry-After: 0\r\nErrand-Sent: no",
                "flow-denied|Errand-Next: ask\r\nRetry-After: 0\r\nErrand-Sent: no",
                "sequence-violation|Errand-Next: change\r\nRetry-After: 0\r\nErrand-Sent: no",
                "rate-exceeded|Errand-Next: stop\r\nRetry-After: 0\r\nErrand-Sent: no",
                "rate-exceeded|Retry-After: 0\r\nErrand-Sent: no"
            })
    void refusal_thatMayHaveBeenSentOrStays_passesAsItIs(String refusal) throws Exception {
        String code = refusal.substring(0, refusal.indexOf('|'));
        String line = refusal.substring(refusal.indexOf('|') + 1);
        String headers = DECIDED + "Errand-Code: " + code + "\r\n" + line + "\r\n";
        try (ScriptedGateway gateway = new ScriptedGateway(once(403, headers));
                TestCompanion companion = new TestCompanion(gateway.url(), WAIT)) {
            HttpResponse<String> answer = post(companion, "body");
            assertThat(answer.statusCode()).isEqualTo(403);
            assertThat(answer.body()).isEqualTo("refused");
            assertThat(gateway.arrived()).hasSize(1);
            assertThat(companion.tally()).containsExactly("vault:kv.write: 0 permitted, 1 refused");
        }
    }

    @Test
    void retryAfter_longerThanWhatIsLeft_isTakenOut() throws Exception {
        try (ScriptedGateway gateway = new ScriptedGateway(once(429, refused("rate-exceeded", "Retry-After: 6\r\n")));
                TestCompanion companion = new TestCompanion(gateway.url(), WAIT)) {
            HttpResponse<String> answer = post(companion, "body");
            assertThat(answer.statusCode()).isEqualTo(429);
            assertThat(answer.headers().firstValue("Retry-After")).isEmpty();
            assertThat(gateway.arrived()).hasSize(1);
        }
    }

    @Test
    void refusals_areMetForAsLongAsTheWaitAllowsInAll() throws Exception {
        try (ScriptedGateway gateway = new ScriptedGateway(
                        request -> request.answer(429, refused("rate-exceeded", "Retry-After: 1\r\n"), "refused"));
                TestCompanion companion = new TestCompanion(gateway.url(), Duration.ofMillis(2_500))) {
            HttpResponse<String> answer = post(companion, "body");
            assertThat(answer.statusCode()).isEqualTo(429);
            assertThat(answer.headers().firstValue("Retry-After")).isEmpty();
            assertThat(gateway.arrived()).hasSize(3);
        }
    }

    @Test
    void retryAfter_ofTheUpstream_isTheTools() throws Exception {
        try (ScriptedGateway gateway = new ScriptedGateway(once(429, DECIDED + "Retry-After: 99\r\n"));
                TestCompanion companion = new TestCompanion(gateway.url(), WAIT)) {
            HttpResponse<String> answer = post(companion, "body");
            assertThat(answer.headers().firstValue("Retry-After")).contains("99");
            assertThat(gateway.arrived()).hasSize(1);
        }
    }

    @Test
    void body_ofMoreThanOneMebibyte_isSentOnce() throws Exception {
        try (ScriptedGateway gateway = new ScriptedGateway(once(429, refused("rate-exceeded", "Retry-After: 1\r\n")));
                TestCompanion companion = new TestCompanion(gateway.url(), WAIT)) {
            HttpResponse<String> answer = post(companion, "x".repeat((1 << 20) + 1));
            assertThat(answer.statusCode()).isEqualTo(429);
            assertThat(answer.headers().firstValue("Retry-After")).contains("1");
            assertThat(gateway.arrived()).hasSize(1);
        }
    }

    @Test
    void body_ofOneMebibyte_isSentAgain() throws Exception {
        try (ScriptedGateway gateway = new ScriptedGateway(once(429, refused("rate-exceeded", "Retry-After: 1\r\n")));
                TestCompanion companion = new TestCompanion(gateway.url(), WAIT)) {
            assertThat(post(companion, "x".repeat(1 << 20)).statusCode()).isEqualTo(200);
            assertThat(gateway.arrived().get(1).body()).hasSize(1 << 20);
        }
    }

    @Test
    void nonce_thatAnUpstreamAsksFor_isNoRefusal() throws Exception {
        try (ScriptedGateway gateway = new ScriptedGateway(once(401, NONCE));
                TestCompanion companion = new TestCompanion(gateway.url(), WAIT)) {
            assertThat(post(companion, "body").statusCode()).isEqualTo(403);
            assertThat(gateway.arrived()).hasSize(1);
        }
    }

    @Test
    void nonce_isTakenUpAndKept() throws Exception {
        String asked = "Errand-Code: invalid-proof\r\n" + NONCE;
        try (ScriptedGateway gateway = new ScriptedGateway(once(401, asked));
                TestCompanion companion = new TestCompanion(gateway.url(), Duration.ZERO)) {
            assertThat(post(companion, "body").statusCode()).isEqualTo(200);
            assertThat(post(companion, "body").statusCode()).isEqualTo(200);
            assertThat(gateway.arrived()).hasSize(3);
            assertThat(claims(gateway, 0)).doesNotContain("nonce");
            assertThat(claims(gateway, 1)).contains("\"nonce\":\"n-1\"", "\"htm\":\"POST\"");
            assertThat(claims(gateway, 2)).contains("\"nonce\":\"n-1\"");
            assertThat(claims(gateway, 1)).contains("\"htu\":\"https://gateway.example.org/vault/a\"");
        }
    }

    private static String claims(ScriptedGateway gateway, int number) {
        String payload = gateway.arrived().get(number).header("DPoP").split("\\.")[1];
        return new String(java.util.Base64.getUrlDecoder().decode(payload), StandardCharsets.UTF_8);
    }

    @Test
    void chain_isLeftOutOnceItIsKnown_andSentAgainWhereItIsNot() throws Exception {
        try (ScriptedGateway gateway = new ScriptedGateway(request -> {
                    if (request.number() == 2) {
                        request.answer(401, "Errand-Code: chain-incomplete\r\nErrand-Sent: no\r\n", "");
                    } else {
                        request.answer(200, DECIDED, "done");
                    }
                });
                TestCompanion companion =
                        new TestCompanion(gateway.url(), WAIT, List.of("root", "next"), Guard.NONE, "")) {
            for (int i = 0; i < 3; i++) {
                assertThat(post(companion, "body").statusCode()).isEqualTo(200);
            }
            assertThat(gateway.arrived())
                    .extracting(request -> request.header("Delegation-Chain"))
                    .containsExactly("root, next", "", "", "root, next");
        }
    }

    @Test
    void approval_isWaitedForWhateverTheWait_andSaid() throws Exception {
        String asked = refused(
                "approval-required",
                "Retry-After: 1\r\nErrand-Approval: https://gateway.example.org/approvals/a-1; expires_in=60\r\n");
        try (ScriptedGateway gateway = new ScriptedGateway(once(403, asked));
                TestCompanion companion = new TestCompanion(gateway.url(), Duration.ZERO)) {
            assertThat(post(companion, "body").body()).isEqualTo("done");
            assertThat(companion.notes())
                    .singleElement()
                    .asString()
                    .contains("vault:kv.write", "https://gateway.example.org/approvals/a-1", "60 s");
        }
    }

    @Test
    void decision_isToldByTheGateway_andTheCallSentAtOnce() throws Exception {
        String asked = refused(
                "approval-required",
                "Retry-After: 2\r\nErrand-Approval: https://gateway.example.org/approvals/a-1.t-1; expires_in=60\r\n");
        try (ScriptedGateway gateway = new ScriptedGateway(request -> {
                    switch (request.number()) {
                        case 0 -> request.answer(403, asked, "refused");
                        // Too many wait already, so the answer comes at once.
                        case 1 -> request.answer(200, "", "{\"approval\":{\"id\":\"a-1.t-1\",\"state\":\"pending\"}}");
                        case 2 -> request.answer(200, "", "{\"approval\":{\"id\":\"a-1.t-1\",\"state\":\"approved\"}}");
                        default -> request.answer(200, DECIDED, "done");
                    }
                });
                TestCompanion companion = new TestCompanion(gateway.url(), WAIT)) {
            long begun = System.nanoTime();
            assertThat(post(companion, "body").body()).isEqualTo("done");
            assertThat(System.nanoTime() - begun).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(1_900));
            assertThat(gateway.arrived()).hasSize(4);
            for (ScriptedGateway.Arrived question : gateway.arrived().subList(1, 3)) {
                assertThat(question.head()).startsWith("GET /oauth2/task?approval=a-1.t-1 ");
                assertThat(question.header("Authorization")).isEqualTo("DPoP leaf");
                assertThat(question.header("DPoP")).isNotEmpty();
            }
        }
    }

    @Test
    void approval_whoseToolLeft_isAskedForNoMore() throws Exception {
        String asked = refused(
                "approval-required",
                "Retry-After: 1\r\nErrand-Approval: https://gateway.example.org/approvals/a-1; expires_in=60\r\n");
        try (ScriptedGateway gateway = new ScriptedGateway(request -> request.answer(403, asked, ""));
                TestCompanion companion = new TestCompanion(gateway.url(), WAIT)) {
            try (Socket tool = companion.connect()) {
                tool.getOutputStream()
                        .write(("POST " + TestCompanion.SECRET + "/a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
                                .getBytes(StandardCharsets.ISO_8859_1));
                while (gateway.arrived().isEmpty()) {
                    TimeUnit.MILLISECONDS.sleep(20);
                }
                TimeUnit.MILLISECONDS.sleep(200);
            }
            int sent = gateway.arrived().size();
            TimeUnit.MILLISECONDS.sleep(2_500);
            assertThat(gateway.arrived()).hasSize(sent);
        }
    }

    @Test
    void approval_whoseTimeIsOver_isNotAskedForAnew() throws Exception {
        long begun = System.nanoTime();
        try (ScriptedGateway gateway = new ScriptedGateway(request -> {
                    long left = 4_000 - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
                    String stands = left > 0 ? "a-1; expires_in=" + (left + 999) / 1000 : "a-2; expires_in=60";
                    request.answer(
                            403,
                            refused(
                                    "approval-required",
                                    "Retry-After: 1\r\nErrand-Approval: https://gateway.example.org/approvals/" + stands
                                            + "\r\n"),
                            "refused");
                });
                TestCompanion companion = new TestCompanion(gateway.url(), WAIT)) {
            HttpResponse<String> answer = post(companion, "body");
            assertThat(answer.statusCode()).isEqualTo(403);
            assertThat(answer.headers().firstValue("Errand-Approval").orElse(""))
                    .contains("a-1");
            assertThat(companion.notes()).hasSize(1);
            int sent = gateway.arrived().size();
            TimeUnit.MILLISECONDS.sleep(1_500);
            assertThat(gateway.arrived()).hasSize(sent);
        }
    }
}
