package dev.errand.issuer;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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

    private static final long PAUSE_NANOS = Duration.ofMinutes(1).toNanos();

    private final LongSupplier nanoTime;
    private final Map<Dependency, Told> told = new ConcurrentHashMap<>();

    /** @param between the number of requests refused since the last line, which have no line of their own */
    private record Told(long atNanos, long between) {}

    /** @param nanoTime a clock that only goes forward */
    AwayLog(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** The refusal of a request that needs the dependency. Logs the dependency and the reason. */
    public Refusal refuse(Dependency dependency, @Nullable String reason) {
        long now = nanoTime.getAsLong();
        long[] between = {-1};
        told.compute(dependency, (key, last) -> {
            if (last != null && now - last.atNanos() < PAUSE_NANOS) {
                return new Told(last.atNanos(), last.between() + 1);
            }
            between[0] = last == null ? 0 : last.between();
            return new Told(now, 0);
        });
        if (between[0] >= 0) {
            LOG.warn(
                    "answered 503: the gateway cannot reach {}: {}{}",
                    dependency.words(),
                    reason,
                    between[0] == 0 ? "" : "; so were " + between[0] + " requests before");
        }
        return Refusal.unavailable(dependency);
    }
}
