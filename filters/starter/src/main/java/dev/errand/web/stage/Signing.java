package dev.errand.web.stage;

import dev.errand.web.Call;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;

/**
 * Signs the headers that tell the upstream of one call, at the end of the event loop's turn. Other threads then already
 * have the work that the turn gave them, such as writing the permit. The signing is queued before the permit goes to the
 * log, so it is done before the log's answer is handled. Used on the call's event loop.
 */
final class Signing implements Runnable {
    private final UpstreamHeaders upstream;
    private final Call.Permitted call;
    private @Nullable Map<String, String> headers;
    private @Nullable Throwable failure;

    Signing(UpstreamHeaders upstream, Call.Permitted call) {
        this.upstream = upstream;
        this.call = call;
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
