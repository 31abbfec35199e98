package dev.errand.web.stage;

import dev.errand.token.DelegationToken;
import dev.errand.trust.SvidResult;
import dev.errand.trust.SvidVerifier;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.reactive.ServerHttpRequest;

/**
 * Judges whether the workload that the leaf names is the one that calls: by a JWT-SVID for exactly this route, or by the
 * X.509-SVID of the connection. The trust bundle is the one of this moment. Thread-safe.
 *
 * <p>A JWT-SVID is sent to be judged: if it does not attest the leaf's workload, the call is refused. A client certificate
 * may be shown for its key alone, or by a proxy on the way. If it does not attest the leaf's workload and no identity is
 * demanded, the call goes on unattested.
 */
record WorkloadIdentities(String issuer) {
    /** The outcome of checking the workload identity of a call. */
    sealed interface Verdict {
        /** No identity was shown, and none is demanded. */
        record Unattested() implements Verdict {}

        /** The leaf's {@code act.sub} was proven. */
        record Attested() implements Verdict {}

        /** The identity that was sent, or is demanded, is not that of the leaf. */
        record Refused(String reason) implements Verdict {}
    }

    Verdict verify(
            ServerHttpRequest request,
            SvidVerifier svids,
            @Nullable String jwtSvid,
            boolean required,
            String route,
            DelegationToken leaf,
            Instant now) {
        if (jwtSvid != null) {
            return judge(svids.verifyJwt(jwtSvid, issuer + "/" + route, now.toEpochMilli()), leaf);
        }
        X509Certificate[] chain = required || leaf.actor() != null ? ClientCertificate.chain(request) : null;
        if (chain == null) {
            return required
                    ? new Verdict.Refused("this route demands an X.509-SVID, or a Workload-SVID for the audience "
                            + issuer + "/" + route)
                    : new Verdict.Unattested();
        }
        Verdict verdict = judge(svids.verifyX509(List.of(chain), now.toEpochMilli()), leaf);
        return verdict instanceof Verdict.Refused && !required ? new Verdict.Unattested() : verdict;
    }

    private static Verdict judge(SvidResult result, DelegationToken leaf) {
        if (result instanceof SvidResult.Accepted verified) {
            return verified.id().toString().equals(leaf.actor())
                    ? new Verdict.Attested()
                    : new Verdict.Refused("the workload identity is not the token's act.sub");
        }
        return new Verdict.Refused(
                result instanceof SvidResult.Unavailable away ? away.reason() : ((SvidResult.Refused) result).reason());
    }
}
