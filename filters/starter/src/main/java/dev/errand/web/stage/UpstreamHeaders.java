package dev.errand.web.stage;

import dev.errand.sequence.SequencePolicy;
import dev.errand.upstream.ContentDigest;
import dev.errand.upstream.OutgoingRequest;
import dev.errand.upstream.RequestSigner;
import dev.errand.upstream.TxnClaims;
import dev.errand.upstream.TxnClaims.PlanPosition;
import dev.errand.upstream.TxnTokens;
import dev.errand.web.Call;
import dev.errand.web.Caller;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes the headers that tell the upstream who asked for what: the transaction token, the digest of a body that was
 * read, and the signature over both and the target. Thread-safe.
 */
final class UpstreamHeaders {
    private final TxnTokens tokens;
    private final RequestSigner signer;

    UpstreamHeaders(TxnTokens tokens, RequestSigner signer) {
        this.tokens = tokens;
        this.signer = signer;
    }

    private static @Nullable PlanPosition plan(Call.Permitted call) {
        SequencePolicy sequence = call.caller().policy().sequence();
        return sequence.states() == 0
                ? null
                : new PlanPosition(sequence.digest(), call.step().progress().before(), sequence.states());
    }

    /** The fields of one call, by lower-case name. */
    Map<String, String> of(Call.Permitted call) {
        Caller caller = call.caller();
        Instant now = Instant.now();
        String token = tokens.issue(
                new TxnClaims(
                        call.decision(),
                        caller.taskLabel(),
                        caller.chain().root(),
                        caller.holders(),
                        "sha-256:" + caller.chain().leaf().id().hash(),
                        call.operations(),
                        call.argsHash(),
                        call.route(),
                        call.arrived().method(),
                        caller.instruction(call.step().progress()),
                        call.step().approval(),
                        plan(call)),
                now);
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("txn-token", token);
        byte[] body = call.granted().body();
        String digest = body == null ? null : ContentDigest.sha256(body);
        if (digest != null) {
            headers.put("content-digest", digest);
        }
        OutgoingRequest request =
                new OutgoingRequest(call.arrived().method(), call.granted().target(), Map.of(), body);
        RequestSigner.Fields signed = signer.sign(request, token, digest, now);
        headers.put("signature-input", signed.signatureInput());
        headers.put("signature", signed.signature());
        return headers;
    }
}
