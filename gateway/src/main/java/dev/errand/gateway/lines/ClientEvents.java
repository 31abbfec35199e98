package dev.errand.gateway.lines;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import reactor.netty.channel.AbortedException;

/** Tells which log events a client can cause by what it sends, and makes one line of such an event. */
final class ClientEvents {
    /** The marker of our own lines about callers whose proof did not verify. */
    static final String UNVERIFIED = "unverified";

    /** Of the server's connections: nothing that they log has a trace worth keeping. */
    private static final List<String> CONNECTIONS = List.of("reactor.netty.", "io.netty.channel.", "io.netty.handler.");

    /** What handles a request, and would tell a fault of ours as well. */
    private static final List<String> REQUESTS = List.of(
            "org.springframework.web.",
            "org.springframework.http.",
            "reactor.core.publisher.",
            "dev.errand.web.EdgeErrorHandler");

    /** What Reactor Netty says if it has answered a malformed request before the gateway does. */
    private static final String ANSWERED = "Status and headers already sent";

    private static final int MAX_TEXT = 240;
    private static final int MAX_CAUSES = 10;
    private static final int TRACE_LINES = 20;

    private ClientEvents() {}

    /** Whether a client may have caused the event. */
    static boolean concerns(ILoggingEvent event) {
        return startsWithAny(event.getLoggerName(), CONNECTIONS)
                || startsWithAny(event.getLoggerName(), REQUESTS)
                || isMarked(event);
    }

    /** How many lines the event has about. */
    static int lines(ILoggingEvent event) {
        return event.getThrowableProxy() == null ? 1 : TRACE_LINES;
    }

    /** The event on one line, its throwable named and no more; the trace of what may be a fault of ours is kept. */
    static ILoggingEvent condensed(ILoggingEvent event) {
        Throwable thrown = event.getThrowableProxy() instanceof ThrowableProxy proxy ? proxy.getThrowable() : null;
        if (thrown != null && !startsWithAny(event.getLoggerName(), CONNECTIONS) && !isClients(thrown)) {
            return event;
        }
        String text = oneLine(event.getFormattedMessage());
        if (thrown != null) {
            text += ": " + thrown.getClass().getSimpleName() + ": " + oneLine(String.valueOf(thrown.getMessage()));
        }
        Logger logger = (Logger) LoggerFactory.getLogger(event.getLoggerName());
        return new LoggingEvent(
                ClientEvents.class.getName(), logger, event.getLevel(), "{}", null, new Object[] {text});
    }

    /** Whether the client's bytes, or its going away, are the reason. */
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

    private static boolean isMarked(ILoggingEvent event) {
        List<Marker> markers = event.getMarkerList();
        return markers != null
                && markers.stream().anyMatch(marker -> marker.getName().equals(UNVERIFIED));
    }

    private static boolean startsWithAny(@Nullable String name, List<String> prefixes) {
        return name != null && prefixes.stream().anyMatch(name::startsWith);
    }

    /** Without line breaks, control and format characters, and bounded. */
    private static String oneLine(@Nullable String text) {
        if (text == null) {
            return "";
        }
        StringBuilder line = new StringBuilder(Math.min(text.length(), MAX_TEXT));
        for (int i = 0; i < text.length() && line.length() < MAX_TEXT; i++) {
            char c = text.charAt(i);
            int type = Character.getType(c);
            boolean unsafe = Character.isISOControl(c)
                    || type == Character.FORMAT
                    || type == Character.LINE_SEPARATOR
                    || type == Character.PARAGRAPH_SEPARATOR;
            line.append(unsafe ? ' ' : c);
        }
        return line.toString();
    }
}
