package dev.errand.decision;

import com.google.protobuf.Struct;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.BodySendMode;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProtocolConfiguration;
import io.netty.handler.codec.http.HttpHeaders;
import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;

/**
 * What another gateway tells of a request besides the request itself.
 *
 * @param cluster the cluster that leads to the upstream
 * @param routeName its name for the route
 * @param peerDigest the SHA-256 of the certificate that the agent showed, in hexadecimal
 * @param forwarded whether {@code X-Forwarded-Client-Cert} may tell the certificate
 * @param buffered whether it gives bodies whole; else it gives none
 * @param fault why the gateway may not ask like this, or null
 */
record GatewayFacts(
        @Nullable String cluster,
        @Nullable String routeName,
        @Nullable String peerDigest,
        boolean forwarded,
        boolean buffered,
        @Nullable String fault) {
    /** What the first message of a stream tells. */
    static GatewayFacts of(ProcessingRequest first, Struct attributes, boolean forwarded) {
        ProtocolConfiguration protocol = first.getProtocolConfig();
        return new GatewayFacts(
                ProcessorMessages.attribute(attributes, "xds.cluster_name"),
                ProcessorMessages.attribute(attributes, "xds.route_name"),
                ProcessorMessages.attribute(attributes, "connection.sha256_peer_certificate_digest"),
                forwarded,
                protocol.getRequestBodyMode() == BodySendMode.BUFFERED,
                fault(first));
    }

    private static @Nullable String fault(ProcessingRequest first) {
        ProtocolConfiguration protocol = first.getProtocolConfig();
        if (!first.hasProtocolConfig()) {
            return "the gateway does not tell its protocol_config: it must be Envoy 1.35 or newer";
        }
        if (protocol.getSendBodyWithoutWaitingForHeaderResponse()) {
            return "the gateway does not wait for decisions: send_body_without_waiting_for_header_response must be false";
        }
        boolean known = protocol.getRequestBodyMode() == BodySendMode.BUFFERED
                || protocol.getRequestBodyMode() == BodySendMode.NONE;
        return known ? null : "the gateway's request_body_mode must be BUFFERED";
    }

    @Nullable X509Certificate certificate(HttpHeaders fields) {
        return forwarded && peerDigest != null
                ? ForwardedCertificate.of(fields.getAll(ForwardedCertificate.FIELD), peerDigest)
                : null;
    }
}
