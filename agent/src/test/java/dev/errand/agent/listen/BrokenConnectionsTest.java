package dev.errand.agent.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections that end at some point of a call that writes: it is sent once, and the tool is told what is known. */
class BrokenConnectionsTest {
    private static final Duration WAIT = Duration.ofSeconds(5);

    private enum Break {
        AFTER_REQUEST {
            @Override
            void at(ScriptedGateway.Arrived request) throws IOException {
                request.reset();
            }
        },
        END_AFTER_REQUEST {
            @Override
            void at(ScriptedGateway.Arrived request) throws IOException {
                request.socket().close();
            }
        },
        IN_STATUS_LINE {
            @Override
            void at(ScriptedGateway.Arrived request) throws IOException {
                request.write("HTTP/1.1 20");
                request.reset();
            }
        },
        IN_HEAD {
            @Override
            void at(ScriptedGateway.Arrived request) throws IOException {
                request.write("HTTP/1.1 200 OK\r\nContent-Le");
                request.reset();
            }
        },
        NO_HTTP {
            @Override
            void at(ScriptedGateway.Arrived request) throws IOException {
                request.write("what is this\r\n\r\n");
                request.socket().close();
            }
        },
        AFTER_CONTINUE {
            @Override
            void at(ScriptedGateway.Arrived request) throws IOException {
                request.write("HTTP/1.1 100 Continue\r\n\r\n");
                request.reset();
            }
        };

        abstract void at(ScriptedGateway.Arrived request) throws IOException;
    }

    private static HttpResponse<String> post(TestCompanion companion) throws Exception {
        return TestCompanion.HTTP.send(
                companion
                        .request("/vault/a")
                        .POST(BodyPublishers.ofString("body"))
                        .build(),
                BodyHandlers.ofString());
    }

    @ParameterizedTest
    @EnumSource(Break.class)
    void callWithoutAnswer_isSentOnce_andTheToolToldThatItMayHaveHappened(Break point) throws Exception {
        try (ScriptedGateway gateway = new ScriptedGateway(point::at);
                TestCompanion companion = new TestCompanion(gateway.url(), WAIT)) {
            HttpResponse<String> answer = post(companion);
            assertThat(answer.statusCode()).isEqualTo(502);
            assertThat(answer.headers().firstValue("Errand-Sent")).contains("maybe");
            assertThat(answer.headers().firstValue("Errand-Next")).contains("check");
            assertThat(answer.body()).contains("may have been executed");
            assertThat(gateway.arrived()).hasSize(1);
        }
    }

    @Test
    void answer_thatBreaksOff_breaksOffForTheTool() throws Exception {
        try (ScriptedGateway gateway = new ScriptedGateway(request -> {
                    request.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
                    request.reset();
                });
                TestCompanion companion = new TestCompanion(gateway.url(), WAIT)) {
            assertThatThrownBy(() -> post(companion)).isInstanceOf(IOException.class);
            assertThat(gateway.arrived()).hasSize(1);
        }
    }

    @Test
    void chunkedAnswer_thatBreaksOff_breaksOffForTheTool() throws Exception {
        try (ScriptedGateway gateway = new ScriptedGateway(request -> {
                    request.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
                    request.reset();
                });
                TestCompanion companion = new TestCompanion(gateway.url(), WAIT)) {
            assertThatThrownBy(() -> post(companion)).isInstanceOf(IOException.class);
            assertThat(gateway.arrived()).hasSize(1);
        }
    }

    @Test
    void gateway_thatIsNotThere_isSaidSo() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        try (TestCompanion companion = new TestCompanion("http://127.0.0.1:" + port, WAIT)) {
            HttpResponse<String> answer = post(companion);
            assertThat(answer.statusCode()).isEqualTo(502);
            assertThat(answer.headers().firstValue("Errand-Sent")).contains("no");
            assertThat(answer.headers().firstValue("Errand-Next")).contains("retry");
            assertThat(answer.body()).contains("not sent");
        }
    }

    @Test
    void keptConnection_thatEnded_costsNoCall() throws Exception {
        try (ScriptedGateway gateway = new ScriptedGateway(request -> {
                    request.answer(200, "", "done");
                    request.socket().close();
                });
                TestCompanion companion = new TestCompanion(gateway.url(), WAIT)) {
            for (int i = 0; i < 5; i++) {
                assertThat(post(companion).statusCode()).isEqualTo(200);
                Thread.sleep(50);
            }
            assertThat(gateway.arrived()).hasSize(5);
        }
    }
}
