package dev.errand.web.caller;

import dev.errand.delegation.DelegationToken;
import dev.errand.jose.spiffe.SvidResult;
import dev.errand.jose.spiffe.SvidVerifier;
import dev.errand.web.request.ClientCertificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.reactive.ServerHttpRequest;

/**
 * Whether the workload that the leaf names is the one that calls: by a JWT-SVID for exactly this route, or by the
 * X.509-SVID of the connection, judged against the bundle as it is now. Thread-safe.
 *
 * <p>A JWT-SVID is sent to be judged: one that does not attest the leaf's workload refuses the call. A client certificate
 * may be shown for its key alone, or by a proxy on the way: where no identity is demanded, one that does not attest the
 * leaf's workload attests nothing, and the call goes on unattested.
 */
final class WorkloadIdentities {
    private final String issuer;

    WorkloadIdentities(String issuer) {
        this.issuer = issuer;
    }

    sealed interface Verdict {
        /** No identity was shown, and none is demanded. */
        record Unattested() implements Verdict {}

        /** The leaf's {@code act.sub} was proven. */
        record Attested() implements Verdict {}

        record Mismatch(String reason) implements Verdict {}
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
                    ? new Verdict.Mismatch("this route demands an X.509-SVID, or a Workload-SVID for the audience "
                            + issuer + "/" + route)
                    : new Verdict.Unattested();
        }
        Verdict verdict = judge(svids.verifyX509(List.of(chain), now.toEpochMilli()), leaf);
        return verdict instanceof Verdict.Mismatch && !required ? new Verdict.Unattested() : verdict;
    }

    private static Verdict judge(SvidResult result, DelegationToken leaf) {
        if (result instanceof SvidResult.Accepted verified) {
            return verified.id().toString().equals(leaf.actor())
                    ? new Verdict.Attested()
                    : new Verdict.Mismatch("the workload identity is not the token's act.sub");
        }
        return new Verdict.Mismatch(
                result instanceof SvidResult.Unavailable away ? away.reason() : ((SvidResult.Refused) result).reason());
    }
}
