package dev.errand.issuer;

import dev.errand.token.SpiffeId;
import io.github.bucket4j.Bucket;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How often one authenticated agent may ask this replica. Holds the {@value #MAX_AGENTS} agents at most that asked last; only
 * an agent with a valid SVID takes a place. The buckets are Bucket4j's. They are not in a Caffeine cache, since its bound is
 * neither exact nor immediate. Thread-safe.
 */
public final class ClientRate {
    static final int MAX_AGENTS = 10_000;

    private final int perSecond;
    private final Map<SpiffeId, Bucket> buckets = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<SpiffeId, Bucket> eldest) {
            return size() > MAX_AGENTS;
        }
    };

    public ClientRate(IssuerSettings settings) {
        this.perSecond = settings.requestsPerSecond();
    }

    /** Whether the agent may ask now; each call counts. */
    public boolean admits(SpiffeId agent) {
        return bucket(agent).tryConsume(1);
    }

    /** Whether the agent may send what costs as much as that many further requests; never more than fit into a second. */
    boolean admits(SpiffeId agent, int further) {
        int most = Math.min(further, perSecond - 1);
        return most == 0 || bucket(agent).tryConsume(most);
    }

    private Bucket bucket(SpiffeId agent) {
        synchronized (buckets) {
            return buckets.computeIfAbsent(
                    agent,
                    any -> Bucket.builder()
                            .addLimit(limit -> limit.capacity(perSecond).refillGreedy(perSecond, Duration.ofSeconds(1)))
                            .build());
        }
    }
}
