package dev.errand.issuer;

import dev.errand.web.refusal.OutageLines;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs that a dependency of requests is away: at once, and then at most once a minute for each kind, with the number of requests
 * that were refused in between. Thread-safe.
 */
public final class AwayLog {
    private static final Logger LOG = LoggerFactory.getLogger(AwayLog.class);
    /** The one instance that all of this process uses. */
    public static final AwayLog SHARED = new AwayLog(System::nanoTime);

    private final OutageLines lines;

    /** @param nanoTime a clock that only goes forward */
    AwayLog(LongSupplier nanoTime) {
        this.lines = new OutageLines(nanoTime);
    }

    /** The refusal of a request that needs the dependency. Logs the dependency and the reason. */
    public Refusal refuse(Dependency dependency, @Nullable String reason) {
        long before = lines.take(dependency.words());
        if (before >= 0) {
            LOG.warn(
                    "answered 503: the gateway cannot reach {}: {}{}",
                    dependency.words(),
                    reason,
                    before == 0 ? "" : "; so were " + before + " requests before");
        }
        return Refusal.unavailable(dependency);
    }
}
