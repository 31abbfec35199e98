package dev.errand.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.web.CutException;
import io.github.bucket4j.TimeMeter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;
import org.slf4j.MarkerFactory;
import reactor.netty.channel.AbortedException;

/** What clients cause in the log: one line each, without a trace, and bounded; all else stays as it is. */
class ClientLinesTest {
    private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    private final Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    private final ListAppender<ILoggingEvent> written = new ListAppender<>();
    private ClientLines lines;

    @BeforeEach
    void attach() {
        written.setContext(context);
        written.start();
        root.addAppender(written);
        // A clock that stands: what may be written at once is written, and nothing more.
        lines = new ClientLines(new SimpleMeterRegistry(), new TimeMeter() {
            @Override
            public long currentTimeNanos() {
                return 0;
            }

            @Override
            public boolean isWallClockBased() {
                return false;
            }
        });
        lines.attach();
    }

    @AfterEach
    void detach() {
        lines.close();
        root.detachAppender(written);
    }

    private List<ILoggingEvent> written() {
        return List.copyOf(written.list);
    }

    static List<Throwable> ofClients() {
        return List.of(
                new IOException("Connection reset by peer"),
                AbortedException.beforeSend(),
                new DecoderException("junk"),
                new RuntimeException(new Http2Exception(Http2Error.PROTOCOL_ERROR, "frame")),
                new IllegalStateException("Status and headers already sent"));
    }

    /** The servers' two errors about each stream that ends at a stop: the gateway has written that it cut the call. */
    @Test
    void aCutCall_hasNoLineOfTheServer() {
        CutException cut =
                new CutException(new Denial(DenyReason.DECISION_UNAVAILABLE, null, "the gateway is stopping"), true);
        context.getLogger("org.springframework.web.server.adapter.HttpWebHandlerAdapter")
                .error("Error for HTTP GET, but ServerHttpResponse already committed (200 OK)", cut);
        context.getLogger("reactor.netty.http.server.HttpServerOperations")
                .error("Error finishing response. Closing connection", cut);
        assertThat(written()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("ofClients")
    void faultOfAClient_isOneLineWithoutATrace(Throwable fault) {
        context.getLogger("org.springframework.web.server.adapter.HttpWebHandlerAdapter")
                .error("500 Server Error for HTTP POST \"/vault\r\nforged\u202e\"", fault);
        assertThat(written()).hasSize(1);
        assertThat(written().get(0).getThrowableProxy()).isNull();
        assertThat(written().get(0).getFormattedMessage())
                .startsWith("500 Server Error for HTTP POST \"/vault\\u000d\\u000aforged\\u202e\": "
                        + fault.getClass().getSimpleName())
                .doesNotContain("\n")
                .hasSizeLessThan(600);
    }

    @Test
    void faultOfTheGateway_keepsItsTrace() {
        context.getLogger("dev.errand.web.stage.EdgeErrorHandler").error("failed", new NullPointerException("ours"));
        context.getLogger("dev.errand.web.Other").error("failed", new IOException("disk"));
        assertThat(written()).hasSize(2).allMatch(event -> event.getThrowableProxy() != null);
    }

    @Test
    void exceptionOfTheServersConnections_isNamedOnOneLine() {
        context.getLogger("io.netty.channel.DefaultChannelPipeline")
                .warn("An exceptionCaught() event was fired", new NullPointerException("{}"));
        assertThat(written()).singleElement().satisfies(event -> {
            assertThat(event.getThrowableProxy()).isNull();
            assertThat(event.getFormattedMessage())
                    .isEqualTo("An exceptionCaught() event was fired: NullPointerException: {}");
        });
    }

    @Test
    void lines_ofClients_shareOneBound_whichOthersDoNotMeet() {
        for (int i = 0; i < 500; i++) {
            context.getLogger("reactor.netty.http.server.HttpServerOperations").warn("Decoding failed");
            context.getLogger("dev.errand.denied").info(MarkerFactory.getMarker("unverified"), "denied");
            context.getLogger("dev.errand.start").warn(MarkerFactory.getMarker("unverified"), "start refused");
            context.getLogger("io.netty.channel.DefaultChannelPipeline").warn("An exceptionCaught() event was fired");
            context.getLogger("reactor.netty.transport.ServerTransport").error("onUncaughtException");
            context.getLogger("reactor.core.publisher.Operators").error("dropped", new IOException("reset"));
            context.getLogger("dev.errand.denied").info("denied to a holder");
        }
        lines.close();
        long holders = count("denied to a holder");
        long clients = written().size() - holders - 1;
        assertThat(holders).isEqualTo(500);
        assertThat(clients).isEqualTo(50);
        assertThat(written())
                .last()
                .extracting(ILoggingEvent::getFormattedMessage)
                .isEqualTo(3000 - clients + " log lines about what clients sent were left out");
    }

    @Test
    void noiseOfStrangers_leavesTheLinesAboutCallsAndFaultsTheirRoom() {
        for (int i = 0; i < 500; i++) {
            context.getLogger("reactor.netty.http.server.HttpServerOperations").warn("Decoding failed");
            context.getLogger("org.springframework.web.server.adapter.HttpWebHandlerAdapter")
                    .error("500 Server Error", new IOException("gone"));
        }
        for (int i = 0; i < 2; i++) {
            context.getLogger("dev.errand.web.stage.EdgeErrorHandler")
                    .warn(MarkerFactory.getMarker("verified"), "answer broke off");
            context.getLogger("dev.errand.web.stage.EdgeErrorHandler")
                    .error(MarkerFactory.getMarker("verified"), "call failed", new IOException("reset"));
            context.getLogger("org.springframework.web.server.adapter.HttpWebHandlerAdapter")
                    .error("ours", new NullPointerException());
        }
        assertThat(count("answer broke off")).isEqualTo(2);
        assertThat(count("call failed: IOException: reset")).isEqualTo(2);
        assertThat(count("ours")).isEqualTo(2);
    }

    @Test
    void faultsOfTheGateway_loseTheirTraces_andThenTheirLines() {
        for (int i = 0; i < 50; i++) {
            context.getLogger("dev.errand.web.stage.EdgeErrorHandler").error("failed", new NullPointerException("x"));
        }
        int traces = (int) written().stream()
                .filter(event -> event.getThrowableProxy() != null)
                .count();
        int condensed = (int) count("failed: NullPointerException: x");
        assertThat(traces).isEqualTo(2);
        assertThat(traces * 10 + condensed).isEqualTo(25);
    }

    @Test
    void traceOfManyCauses_isOneLine() {
        Exception deep = new IllegalStateException("first");
        for (int i = 0; i < 3; i++) {
            deep = new IllegalStateException("later", deep);
        }
        context.getLogger("dev.errand.web.stage.EdgeErrorHandler").error("failed", deep);
        assertThat(written()).singleElement().satisfies(event -> {
            assertThat(event.getThrowableProxy()).isNull();
            assertThat(event.getFormattedMessage()).isEqualTo("failed: IllegalStateException: later");
        });
    }

    @Test
    void linesAboutCalls_haveABoundAsWell_whichSaysSo() {
        for (int i = 0; i < 500; i++) {
            context.getLogger("dev.errand.web.stage.EdgeErrorHandler")
                    .warn(MarkerFactory.getMarker("verified"), "answer broke off");
        }
        lines.close();
        long calls = count("answer broke off");
        assertThat(calls).isEqualTo(60);
        assertThat(written())
                .last()
                .extracting(ILoggingEvent::getFormattedMessage)
                .isEqualTo(500 - calls + " log lines about failed calls were left out");
    }

    private long count(String message) {
        return written().stream()
                .filter(event -> event.getFormattedMessage().equals(message))
                .count();
    }
}
