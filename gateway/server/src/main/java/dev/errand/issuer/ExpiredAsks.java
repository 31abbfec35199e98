package dev.errand.issuer;

import dev.errand.state.RegularWork;
import java.time.Duration;
import reactor.core.Disposable;
import reactor.core.Disposables;

/** Looks regularly at the tasks that agents asked for, and records those whose time is over. */
final class ExpiredAsks implements AutoCloseable {
    private static final Duration EVERY = Duration.ofSeconds(10);

    private final Disposable looking;

    /** @param asking whether agents may ask at all */
    ExpiredAsks(AskedTasks asked, boolean asking) {
        this.looking = asking
                ? RegularWork.every(EVERY, "the requests for tasks cannot be looked at", asked::expire)
                : Disposables.disposed();
    }

    @Override
    public void close() {
        looking.dispose();
    }
}
