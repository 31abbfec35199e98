package dev.errand.server;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import dev.errand.json.Printable;
import dev.errand.web.CutException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import reactor.netty.channel.AbortedException;

/** Tells which log events a client can cause by its bytes, and condenses such an event to one line. */
final class ClientEvents {
    /** What caused an event. Each cause except {@link #OTHER} has its own bound of lines per second. */
    enum Cause {
        /** Not a client: the event is not bounded. */
        OTHER,
        /** Bytes that anybody may have sent, and refusals of callers whose proof, token or SVID did not verify. */
        STRANGER,
        /** A fault of the gateway's own, met while a request was handled. */
        FAULT,
        /** A call of a verified holder that failed. */
        CALL
    }

    /** The marker of the gateway's own lines about callers whose proof did not verify. */
    static final String UNVERIFIED = "unverified";

    /** The marker of the gateway's own lines about calls of verified holders. */
    static final String VERIFIED = "verified";

    /** The loggers of the server's connections: none of their stack traces is worth keeping. */
    private static final List<String> CONNECTIONS = List.of(
            "reactor.netty.",
            "io.netty.channel.",
            "io.netty.handler.",
            "io.netty.bootstrap.",
            "io.netty.util.concurrent.");

    /** The loggers of request handling, which also log faults of the gateway's own. */
    private static final List<String> REQUESTS = List.of(
            "org.springframework.web.",
            "org.springframework.http.",
            "org.springframework.cloud.gateway.",
            "reactor.core.",
            "dev.errand.web.stage.EdgeErrorHandler");

    /** Reactor Netty's message after it has itself answered a malformed request before the gateway. */
    private static final String ANSWERED = "Status and headers already sent";

    private static final int MAX_TEXT = 240;
    private static final int MAX_CAUSES = 10;

    /** The frames of a throwable that the pattern of the log shows. */
    private static final int FRAMES = 5;

    private ClientEvents() {}

    /** The cause of the event, judged by its logger, its marker and its throwable. */
    static Cause cause(ILoggingEvent event) {
        if (isMarked(event, UNVERIFIED) || startsWithAny(event.getLoggerName(), CONNECTIONS)) {
            return Cause.STRANGER;
        }
        if (isMarked(event, VERIFIED)) {
            return Cause.CALL;
        }
        if (!startsWithAny(event.getLoggerName(), REQUESTS)) {
            return Cause.OTHER;
        }
        Throwable thrown = thrown(event);
        return thrown == null || isClients(thrown) ? Cause.STRANGER : Cause.FAULT;
    }

    /** Whether the event repeats that a live call was cut. The cut itself has a line of its own. */
    static boolean repeatsACut(ILoggingEvent event) {
        return thrown(event) instanceof CutException;
    }

    /** Whether the event has a stack trace that is worth keeping, since the fault may be the gateway's. */
    static boolean keepsItsTrace(ILoggingEvent event) {
        Throwable thrown = thrown(event);
        return thrown != null && !startsWithAny(event.getLoggerName(), CONNECTIONS) && !isClients(thrown);
    }

    /** The number of lines of an event with a stack trace at most: its text, and the trace between two empty lines. */
    static int lines(ILoggingEvent event) {
        return 3 + lines(event.getThrowableProxy());
    }

    /** For each throwable its name, its frames and a line about those that are left out. */
    private static int lines(@Nullable IThrowableProxy thrown) {
        int lines = 0;
        for (IThrowableProxy each = thrown; each != null; each = each.getCause()) {
            lines += 2 + Math.min(FRAMES, each.getStackTraceElementProxyArray().length);
            for (IThrowableProxy suppressed : each.getSuppressed()) {
                lines += lines(suppressed);
            }
        }
        return lines;
    }

    /** The event on one line, with the name of its throwable. */
    static ILoggingEvent condensed(ILoggingEvent event) {
        Throwable thrown = thrown(event);
        String text = Printable.line(event.getFormattedMessage(), MAX_TEXT);
        if (thrown != null) {
            text += ": " + thrown.getClass().getSimpleName() + ": " + Printable.line(thrown.getMessage(), MAX_TEXT);
        }
        Logger logger = (Logger) LoggerFactory.getLogger(event.getLoggerName());
        return new LoggingEvent(
                ClientEvents.class.getName(), logger, event.getLevel(), "{}", null, new Object[] {text});
    }

    private static @Nullable Throwable thrown(ILoggingEvent event) {
        return event.getThrowableProxy() instanceof ThrowableProxy proxy ? proxy.getThrowable() : null;
    }

    /** Whether the client caused the error, by its bytes or by closing the connection. */
    private static boolean isClients(Throwable thrown) {
        Throwable cause = thrown;
        for (int i = 0; i < MAX_CAUSES && cause != null; i++) {
            if (cause instanceof IOException
                    || cause instanceof AbortedException
                    || cause instanceof DecoderException
                    || cause instanceof Http2Exception
                    || (cause instanceof IllegalStateException && ANSWERED.equals(cause.getMessage()))) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }

    private static boolean isMarked(ILoggingEvent event, String name) {
        List<Marker> markers = event.getMarkerList();
        return markers != null
                && markers.stream().anyMatch(marker -> marker.getName().equals(name));
    }

    private static boolean startsWithAny(@Nullable String name, List<String> prefixes) {
        return name != null && prefixes.stream().anyMatch(name::startsWith);
    }
}
