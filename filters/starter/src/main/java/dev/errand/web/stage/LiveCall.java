package dev.errand.web.stage;

import dev.errand.web.Call;
import dev.errand.web.CutException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/** One call under way, which can be cut. Compared by identity. Thread-safe. */
abstract class LiveCall {
    private final Call.Verified call;
    private final AtomicBoolean cut = new AtomicBoolean();

    LiveCall(Call.Verified call) {
        this.call = call;
    }

    /** The call as it was when this object was made. */
    final Call.Verified call() {
        return call;
    }

    /** Cuts the call; false if that has been done before. */
    final boolean cut(CutException why) {
        if (!cut.compareAndSet(false, true)) {
            return false;
        }
        try {
            call.loop().schedule(() -> cutNow(why));
        } catch (RejectedExecutionException stopping) {
            cutNow(why);
        }
        return true;
    }

    /** Ends what is under way; on the call's event loop, unless that is stopping. */
    abstract void cutNow(CutException why);
}
