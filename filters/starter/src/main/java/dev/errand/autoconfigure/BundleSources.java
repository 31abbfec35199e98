package dev.errand.autoconfigure;

import dev.errand.trust.FileDocument;
import dev.errand.trust.HttpFetch;
import dev.errand.trust.LiveDocument.MalformedDocumentException;
import dev.errand.trust.RefreshPolicy;
import dev.errand.trust.RemoteDocument;
import dev.errand.trust.TrustBundle;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongSupplier;

/** Opens the bundle of a trust domain. */
final class BundleSources {
    /** A {@code spiffe_refresh_hint} is followed within these bounds. */
    static final Duration MIN_REFRESH = Duration.ofSeconds(10);

    static final Duration MAX_REFRESH = Duration.ofHours(1);

    private BundleSources() {}

    /** A SPIFFE bundle in a file. */
    public static FileDocument<TrustBundle> file(String trustDomain, Path file) throws MalformedDocumentException {
        return new FileDocument<>(file, bytes -> TrustBundle.parse(trustDomain, bytes));
    }

    /**
     * A bundle endpoint with Web PKI authentication ({@code https_web}, SPIFFE Federation section 5.2.1), refreshed in
     * the background as its refresh hint asks.
     */
    public static RemoteDocument<TrustBundle> endpoint(
            String trustDomain, URI url, HttpFetch http, RefreshPolicy policy) {
        return endpoint(trustDomain, url, http, policy, () -> System.nanoTime() / 1_000_000)
                .start();
    }

    static RemoteDocument<TrustBundle> endpoint(
            String trustDomain, URI url, HttpFetch http, RefreshPolicy policy, LongSupplier clockMillis) {
        return new RemoteDocument<>(
                "bundle of " + trustDomain,
                () -> http.get(url)
                        .flatMap(bytes -> RemoteDocument.parsed(bytes, body -> TrustBundle.parse(trustDomain, body))),
                bundle -> refreshAfter(bundle, policy),
                BundleSources::newer,
                policy,
                clockMillis);
    }

    private static Duration refreshAfter(TrustBundle bundle, RefreshPolicy policy) {
        Duration hint = bundle.refreshHint();
        if (hint == null) {
            return policy.refreshAfter();
        }
        Duration atLeast = hint.compareTo(MIN_REFRESH) < 0 ? MIN_REFRESH : hint;
        return atLeast.compareTo(MAX_REFRESH) > 0 ? MAX_REFRESH : atLeast;
    }

    /**
     * The bundle to keep. One with a lower sequence is an earlier revision from a cache (section 4.1.1), and must not
     * bring old keys back.
     */
    private static TrustBundle newer(TrustBundle held, TrustBundle fetched) {
        if (held.equals(fetched)) {
            return held;
        }
        Long before = held.sequence();
        Long now = fetched.sequence();
        return before != null && now != null && now < before ? held : fetched;
    }
}
