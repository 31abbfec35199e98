package dev.errand.trust;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.errand.denial.StartReason;
import dev.errand.token.SpiffeId;
import dev.errand.trust.SvidResult.Accepted;
import dev.errand.trust.SvidResult.Refused;
import dev.errand.trust.SvidResult.Unavailable;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Verifies X.509-SVIDs (SPIFFE X509-SVID, sections 2 to 5) with the current bundle of their own trust domain. If a path
 * was valid with the bundle's current revision within the last minute, only its times are checked again. Thread-safe.
 */
final class X509SvidVerifier {
    private static final int MAX_CHAIN = 8;
    private static final int URI_NAME = 6;
    private static final int DIGITAL_SIGNATURE = 0;
    private static final int KEY_CERT_SIGN = 5;
    private static final int CRL_SIGN = 6;
    private static final String KEY_USAGE = "2.5.29.15";
    private static final Set<String> CLIENT_USAGES = Set.of("1.3.6.1.5.5.7.3.2", "2.5.29.37.0");
    private static final long PATH_MILLIS = 60_000;

    private final TrustBundles bundles;
    private final long maxLifetimeMillis;
    private final long skewMillis;
    private final Cache<List<X509Certificate>, Path> verified =
            Caffeine.newBuilder().maximumSize(2_048).executor(Runnable::run).build();

    /** A chain that was valid with this revision of its bundle. */
    private record Path(TrustBundle bundle, Accepted attested, long atMillis) {}

    X509SvidVerifier(TrustBundles bundles, long maxLifetimeMillis, long skewMillis) {
        this.bundles = bundles;
        this.maxLifetimeMillis = maxLifetimeMillis;
        this.skewMillis = skewMillis;
    }

    SvidResult verify(List<X509Certificate> chain, long nowMillis) {
        if (chain.isEmpty() || chain.size() > MAX_CHAIN) {
            return new Refused("a chain has 1 to " + MAX_CHAIN + " certificates");
        }
        X509Certificate leaf = chain.get(0);
        if (nowMillis > leaf.getNotAfter().getTime() + skewMillis
                || nowMillis < leaf.getNotBefore().getTime() - skewMillis) {
            return new Refused(StartReason.SVID_EXPIRED, "the certificate is not valid now");
        }
        if (leaf.getNotAfter().getTime() - nowMillis > maxLifetimeMillis) {
            return new Refused(StartReason.SVID_LIFETIME, "lives longer than errand.trust.max-lifetime");
        }
        Path known = verified.getIfPresent(chain);
        if (known != null
                && known.bundle() == bundles.of(known.attested().id()).orElse(null)
                && Math.abs(nowMillis - known.atMillis()) <= PATH_MILLIS) {
            return known.attested();
        }
        SpiffeId id = spiffeId(leaf);
        if (id == null || id.path().isEmpty()) {
            return new Refused("the leaf needs exactly one URI SAN, a SPIFFE ID with a path");
        }
        String fault = leafFault(leaf);
        if (fault != null) {
            return new Refused(fault);
        }
        TrustBundle bundle = bundles.of(id).orElse(null);
        if (bundle == null) {
            String away = bundles.away(id);
            return away != null
                    ? new Unavailable(away)
                    : new Refused(StartReason.SVID_DOMAIN, "the trust domain is not configured");
        }
        if (!leadsTo(bundle, chain, nowMillis)) {
            return new Refused(
                    StartReason.SVID_SIGNATURE, "the chain does not lead to the trust domain's current bundle");
        }
        Accepted attested = new Accepted(id);
        verified.put(List.copyOf(chain), new Path(bundle, attested, nowMillis));
        return attested;
    }

    private static @Nullable String leafFault(X509Certificate leaf) {
        if (leaf.getBasicConstraints() >= 0) {
            return "the leaf must not be a CA";
        }
        boolean[] usage = leaf.getKeyUsage();
        Set<String> critical = leaf.getCriticalExtensionOIDs();
        if (usage == null || critical == null || !critical.contains(KEY_USAGE)) {
            return "the leaf needs a critical key usage";
        }
        if (!usage[DIGITAL_SIGNATURE] || usage[KEY_CERT_SIGN] || usage[CRL_SIGN]) {
            return "the leaf's key usage must have digitalSignature, neither keyCertSign nor cRLSign";
        }
        try {
            List<String> extended = leaf.getExtendedKeyUsage();
            return extended == null || extended.stream().anyMatch(CLIENT_USAGES::contains)
                    ? null
                    : "the leaf's extended key usage must allow client authentication";
        } catch (CertificateParsingException malformed) {
            return "the leaf's extended key usage is malformed";
        }
    }

    private boolean leadsTo(TrustBundle bundle, List<X509Certificate> chain, long nowMillis) {
        // Within the skew the leaf is treated as just valid.
        X509Certificate leaf = chain.get(0);
        long inside = Math.min(
                Math.max(nowMillis, leaf.getNotBefore().getTime()),
                leaf.getNotAfter().getTime());
        Date now = new Date(inside);
        // PKIX does not check the validity of an anchor.
        Set<TrustAnchor> anchors = bundle.x509Authorities().stream()
                .filter(ca -> !now.after(ca.getNotAfter()) && !now.before(ca.getNotBefore()))
                .filter(ca -> ca.getBasicConstraints() >= 0)
                .map(ca -> new TrustAnchor(ca, null))
                .collect(Collectors.toSet());
        List<X509Certificate> path = new ArrayList<>(chain);
        if (path.size() > 1 && bundle.x509Authorities().contains(path.get(path.size() - 1))) {
            path.remove(path.size() - 1);
        }
        if (anchors.isEmpty() || !path.stream().skip(1).allMatch(ca -> maySignFor(ca, bundle.trustDomain()))) {
            return false;
        }
        try {
            PKIXParameters parameters = new PKIXParameters(anchors);
            parameters.setRevocationEnabled(false);
            parameters.setDate(now);
            CertPathValidator.getInstance("PKIX")
                    .validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
            return true;
        } catch (GeneralSecurityException invalid) {
            return false;
        }
    }

    /**
     * Whether a signing certificate may sign for the trust domain: if it has URI SANs, it has one, which names the
     * domain (sections 2 and 3.1).
     */
    private static boolean maySignFor(X509Certificate ca, String trustDomain) {
        List<String> names = uriNames(ca);
        return names != null
                && (names.isEmpty()
                        || (names.size() == 1
                                && SpiffeId.parse(names.get(0))
                                        .filter(id -> id.trustDomain().equals(trustDomain))
                                        .isPresent()));
    }

    private static @Nullable SpiffeId spiffeId(X509Certificate leaf) {
        List<String> names = uriNames(leaf);
        return names == null || names.size() != 1
                ? null
                : SpiffeId.parse(names.get(0)).orElse(null);
    }

    private static @Nullable List<String> uriNames(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            List<String> uris = new ArrayList<>();
            if (names != null) {
                for (List<?> name : names) {
                    if (Integer.valueOf(URI_NAME).equals(name.get(0))) {
                        uris.add(String.valueOf(name.get(1)));
                    }
                }
            }
            return uris;
        } catch (CertificateParsingException malformed) {
            return null;
        }
    }
}
