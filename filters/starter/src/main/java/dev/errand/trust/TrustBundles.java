package dev.errand.trust;

import dev.errand.token.SpiffeId;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The bundles of the configured trust domains, each only for IDs of its own domain. Thread-safe; each call returns the
 * current revision.
 */
public final class TrustBundles implements AutoCloseable {
    private final Map<String, LiveDocument<TrustBundle>> sources;

    /** @param sources by trust domain */
    public TrustBundles(Map<String, LiveDocument<TrustBundle>> sources) {
        this.sources = Map.copyOf(sources);
        for (String domain : sources.keySet()) {
            if (SpiffeId.parse("spiffe://" + domain)
                    .filter(id -> id.path().isEmpty())
                    .isEmpty()) {
                throw new IllegalArgumentException("not the name of a trust domain: " + domain);
            }
        }
    }

    /** The current bundle for this ID; empty if its trust domain is not configured, or its bundle is too old. */
    public Optional<TrustBundle> of(SpiffeId id) {
        LiveDocument<TrustBundle> source = sources.get(id.trustDomain());
        TrustBundle bundle = source == null ? null : source.current();
        return Optional.ofNullable(bundle).filter(b -> b.trustDomain().equals(id.trustDomain()));
    }

    /**
     * Why the configured bundle of this ID's trust domain is unavailable; null if it is available, or not configured.
     */
    @Nullable String away(SpiffeId id) {
        LiveDocument<TrustBundle> source = sources.get(id.trustDomain());
        if (source == null || source.current() != null) {
            return null;
        }
        String fault = source.fault();
        return "the bundle of " + id.trustDomain() + " cannot be obtained" + (fault == null ? "" : ": " + fault);
    }

    @Override
    public void close() {
        sources.values().forEach(LiveDocument::close);
    }
}
