package dev.errand.web.record;

import dev.errand.upstream.ContentDigest;
import dev.errand.upstream.OutgoingRequest;
import dev.errand.upstream.RequestSigner;
import dev.errand.upstream.TxnClaims;
import dev.errand.upstream.TxnTokens;
import dev.errand.web.call.Call;
import dev.errand.web.call.Caller;
import dev.errand.web.refusal.Instructions;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

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

    void write(Call call) {
        Caller caller = call.caller();
        Instant now = Instant.now();
        String token = tokens.issue(
                new TxnClaims(
                        call.decision,
                        caller.taskLabel(),
                        caller.chain().root(),
                        caller.holders(),
                        "sha-256:" + caller.chain().leaf().id().hash(),
                        call.calls,
                        Objects.requireNonNull(call.argsHash),
                        call.route,
                        call.method,
                        Instructions.of(
                                caller.chain(),
                                Objects.requireNonNull(call.permit).progress())),
                now);
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("txn-token", token);
        String digest = call.body == null ? null : ContentDigest.sha256(call.body);
        if (digest != null) {
            headers.put("content-digest", digest);
        }
        OutgoingRequest request =
                new OutgoingRequest(call.method, Objects.requireNonNull(call.target), Map.of(), call.body);
        RequestSigner.Fields signed = signer.sign(request, token, digest, now);
        headers.put("signature-input", signed.signatureInput());
        headers.put("signature", signed.signature());
        call.upstreamHeaders = headers;
    }
}
