package dev.errand.web.record;

import dev.errand.web.call.Call;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.Exceptions;

/**
 * The headers that tell the upstream of one call, signed at the end of a turn. A call that is alone in its turn is signed in the turn
 * that asks the store to take its step, so the store works meanwhile. Any other call is signed in the turn that appends its permit
 * to the log. There the signing is queued before the permit goes to the log, so it is done before the log's answer is handled.
 * Used on the call's event loop.
 */
final class Signing implements Runnable {
    private static final String ATTRIBUTE = Signing.class.getName();

    private final UpstreamHeaders upstream;
    private final Call.Permitted call;
    private @Nullable Map<String, String> headers;
    private @Nullable Throwable failure;

    Signing(UpstreamHeaders upstream, Call.Permitted call) {
        this.upstream = upstream;
        this.call = call;
    }

    /** The signing of the exchange's call that is done already; null where none is, or where the call came to be another one. */
    static @Nullable Signing done(Call.Permitted call, ServerWebExchange exchange) {
        Signing done = exchange.getAttribute(ATTRIBUTE);
        return done != null && done.isOf(call) ? done : null;
    }

    /** Signs now, for the {@link #done} of the exchange. */
    void runAhead(ServerWebExchange exchange) {
        run();
        exchange.getAttributes().put(ATTRIBUTE, this);
    }

    /** Whether it is of the same call with the very same outcome: an equal outcome of another attempt is signed anew. */
    @SuppressWarnings("ReferenceEquality")
    private boolean isOf(Call.Permitted other) {
        return call.step() == other.step() && call.granted() == other.granted();
    }

    @Override
    public void run() {
        try {
            headers = upstream.of(call);
        } catch (Throwable e) {
            Exceptions.throwIfFatal(e);
            failure = e;
        }
    }

    /** The signed fields by lower-case name; null where the call could not be signed. */
    @Nullable Map<String, String> headers() {
        return headers;
    }

    /** Why the call could not be signed, or null. */
    @Nullable Throwable failure() {
        return failure;
    }
}
