package dev.errand.decision;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerTransportFilter;
import io.grpc.Status;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets gateways of these names ask, by the URI or DNS names of their certificates. Any other peer is refused before a message of it
 * is read. The names are judged once for each connection. Thread-safe.
 */
final class PeerNames extends ServerTransportFilter implements ServerInterceptor {
    private static final Logger LOG = LoggerFactory.getLogger(PeerNames.class);

    private static final Attributes.Key<Boolean> KNOWN = Attributes.Key.create("errand.known");
    private static final int DNS = 2;
    private static final int URI = 6;

    private final Set<String> names;
    private final Predicate<X509Certificate[]> trusted;

    /** @param trusted whether the authorities of today vouch for a chain: a TLS session that is resumed does not ask them */
    PeerNames(Collection<String> names, Predicate<X509Certificate[]> trusted) {
        this.trusted = trusted;
        this.names = names.stream().map(PeerNames::folded).collect(Collectors.toUnmodifiableSet());
    }

    /** Hosts have no letter case; a URI of SPIFFE is compared as it is. */
    private static String folded(String name) {
        return name.contains("://") ? name : name.toLowerCase(Locale.ROOT);
    }

    @Override
    public Attributes transportReady(Attributes transport) {
        boolean known = isKnown(transport.get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
        if (!known) {
            LOG.warn(
                    "a peer of the decision service has none of the names under errand.decision-service.tls.names, or no valid certificate: {}",
                    transport.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
        }
        return transport.toBuilder().set(KNOWN, known).build();
    }

    private boolean isKnown(@Nullable SSLSession session) {
        try {
            Certificate[] chain = session == null ? new Certificate[0] : session.getPeerCertificates();
            return chain.length > 0
                    && chain[0] instanceof X509Certificate leaf
                    && isNamed(leaf)
                    && trusted.test(Arrays.copyOf(chain, chain.length, X509Certificate[].class));
        } catch (SSLPeerUnverifiedException | CertificateParsingException unnamed) {
            return false;
        }
    }

    private boolean isNamed(X509Certificate leaf) throws CertificateParsingException {
        Collection<List<?>> all = leaf.getSubjectAlternativeNames();
        if (all == null) {
            return false;
        }
        for (List<?> name : all) {
            boolean compared = name.get(0).equals(DNS) || name.get(0).equals(URI);
            if (compared && names.contains(folded(String.valueOf(name.get(1))))) {
                return true;
            }
        }
        return false;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        if (Boolean.TRUE.equals(call.getAttributes().get(KNOWN))) {
            return next.startCall(call, headers);
        }
        call.close(Status.PERMISSION_DENIED.withDescription("the peer is no gateway that may ask"), new Metadata());
        return new ServerCall.Listener<>() {};
    }
}
