package dev.errand.web.call;

import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** One call under way. Compared by identity. */
public final class Live {
    private final Call call;
    private final Sinks.Empty<Void> cut = Sinks.empty();

    public Live(Call call) {
        this.call = call;
    }

    public Call call() {
        return call;
    }

    /** Ends in a {@link CutException} when the call is to be cut, else never. */
    public Mono<Void> signal() {
        return cut.asMono();
    }

    /** Cuts the call; false if it was cut before. */
    public boolean cut(CutException why) {
        return cut.tryEmitError(why) == Sinks.EmitResult.OK;
    }
}
