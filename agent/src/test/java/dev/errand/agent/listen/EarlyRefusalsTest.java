package dev.errand.agent.listen;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Refusals that come before the end of a body whose length nobody said. */
@Execution(ExecutionMode.CONCURRENT)
class EarlyRefusalsTest {
    private static final String REFUSED =
            "Errand-Code: rate-exceeded\r\nErrand-Next: retry\r\nErrand-Sent: no\r\n" + "Retry-After: 1\r\n";
    private static final String HEAD = "POST " + TestCompanion.SECRET
            + "/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";

    private static String asked(int expiresIn) {
        return "Errand-Code: approval-required\r\nErrand-Next: wait\r\nErrand-Sent: no\r\n"
                + "Retry-After: 1\r\nErrand-Approval: https://gateway.example.org/approvals/a-1; expires_in="
                + expiresIn + "\r\n";
    }

    private static ScriptedGateway gateway() throws Exception {
        return gateway(429, REFUSED);
    }

    private static ScriptedGateway gateway(int status, String refused) throws Exception {
        return new ScriptedGateway(request -> {
            if (request.number() == 0) {
                request.answer(status, refused, "refused");
            } else if (request.head().startsWith("GET /oauth2/task?approval=a-1 ")) {
                request.answer(404, "", "");
            } else {
                String body = ScriptedGateway.head(request.socket().getInputStream());
                request.answer(200, "", body.replace("\r\n", "|"));
            }
        });
    }

    private static void write(Socket tool, String text) throws Exception {
        OutputStream out = tool.getOutputStream();
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    private static Socket refusedTool(TestCompanion companion, ScriptedGateway gateway) throws Exception {
        Socket tool = companion.connect();
        tool.setSoTimeout(20_000);
        write(tool, HEAD + "4\r\nbody\r\n");
        while (gateway.arrived().isEmpty()) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        TimeUnit.MILLISECONDS.sleep(300);
        return tool;
    }

    @Test
    void shortBody_isCollected_andTheCallIsSentAgain() throws Exception {
        try (ScriptedGateway gateway = gateway();
                TestCompanion companion = new TestCompanion(gateway.url(), Duration.ofSeconds(5));
                Socket tool = refusedTool(companion, gateway)) {
            write(tool, "5\r\n, all\r\n0\r\n\r\n");
            String answer = new String(tool.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            assertThat(answer).startsWith("HTTP/1.1 200").contains("|body|").contains("|, all|");
        }
    }

    @Test
    void longBody_isNotSentAgain_andTheToolGetsTheWholeRefusal() throws Exception {
        try (ScriptedGateway gateway = gateway();
                TestCompanion companion = new TestCompanion(gateway.url(), Duration.ofSeconds(20));
                Socket tool = refusedTool(companion, gateway)) {
            write(tool, "200000\r\n" + "x".repeat(0x200000) + "\r\n0\r\n\r\n");
            String answer = new String(tool.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            assertThat(answer).startsWith("HTTP/1.1 429").endsWith("refused");
            assertThat(gateway.arrived()).hasSize(1);
        }
    }

    @Test
    void slowBody_isWaitedForNoLongerThanTheWait() throws Exception {
        try (ScriptedGateway gateway = gateway();
                TestCompanion companion = new TestCompanion(gateway.url(), Duration.ofSeconds(2));
                Socket tool = refusedTool(companion, gateway)) {
            String head = ScriptedGateway.head(tool.getInputStream());
            assertThat(head).startsWith("HTTP/1.1 429").doesNotContainIgnoringCase("Retry-After");
            assertThat(gateway.arrived()).hasSize(1);
        }
    }

    @Test
    void bodyThatEnds_whileTheRequestForApprovalStands_isSentAgain() throws Exception {
        try (ScriptedGateway gateway = gateway(403, asked(4));
                TestCompanion companion = new TestCompanion(gateway.url(), Duration.ofSeconds(20));
                Socket tool = refusedTool(companion, gateway)) {
            write(tool, "5\r\n, all\r\n0\r\n\r\n");
            assertThat(ScriptedGateway.head(tool.getInputStream())).startsWith("HTTP/1.1 200");
            assertThat(gateway.arrived().stream()
                            .filter(request -> request.head().startsWith("POST ")))
                    .hasSize(2);
        }
    }

    @Test
    void bodyThatEnds_afterTheRequestForApproval_opensNoSecondOne() throws Exception {
        try (ScriptedGateway gateway = gateway(403, asked(3));
                TestCompanion companion = new TestCompanion(gateway.url(), Duration.ofSeconds(20));
                Socket tool = refusedTool(companion, gateway)) {
            TimeUnit.MILLISECONDS.sleep(3_000);
            write(tool, "5\r\n, all\r\n0\r\n\r\n");
            String answer = new String(tool.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            assertThat(answer)
                    .startsWith("HTTP/1.1 403")
                    .endsWith("refused")
                    .contains("approvals/a-1")
                    .doesNotContainIgnoringCase("Retry-After");
            assertThat(gateway.arrived()).hasSize(1);
        }
    }
}
