package dev.errand.agent.call;

import dev.errand.holder.AgentKey;
import dev.errand.holder.Proofs;
import dev.errand.json.JsonValue.JsonObject;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The token that the companion uses, and its key. It sets the headers of a call: {@code Authorization}, {@code DPoP}
 * and {@code Delegation-Chain}. Thread-safe.
 */
public final class HeldTask {
    private final AgentKey key;
    private final String token;
    private final List<String> ancestors;
    private final String issuer;
    private final ProofAhead proofs;
    private volatile @Nullable String nonce;
    private volatile boolean chainKnown;

    /**
     * @param ancestors root first; empty for a root
     * @param issuer the gateway's identifier, which proofs name, without a slash at its end
     */
    public HeldTask(AgentKey key, String token, List<String> ancestors, String issuer) {
        this.key = key;
        this.token = token;
        this.ancestors = List.copyOf(ancestors);
        this.issuer = issuer;
        this.proofs = new ProofAhead(new CallProof(key, token, Clock.systemUTC()));
    }

    /** The task's id, as the root token states it; {@code unknown} if it does not. */
    public String id() {
        JsonObject task =
                Proofs.payload(ancestors.isEmpty() ? token : ancestors.get(0)).object("task");
        String id = task == null ? null : task.string("id");
        return id == null ? "unknown" : id;
    }

    public AgentKey key() {
        return key;
    }

    public String token() {
        return token;
    }

    public List<String> ancestors() {
        return ancestors;
    }

    public String issuer() {
        return issuer;
    }

    /**
     * Signs one call.
     *
     * @param path as it is sent, without query
     * @param certain whether the chain is always sent, since the call could not be repeated for a gateway that lacks it
     * @return whether the chain went with the call, or there is no chain
     */
    public boolean sign(HttpHeaders headers, String method, String path, boolean certain) {
        headers.set(HttpHeaderNames.AUTHORIZATION, "DPoP " + token);
        headers.set("DPoP", proofs.sign(method, issuer + path, nonce));
        boolean chain = !ancestors.isEmpty() && (certain || !chainKnown);
        if (chain) {
            headers.set("Delegation-Chain", String.join(", ", ancestors));
        }
        return chain || ancestors.isEmpty();
    }

    /** Keeps the nonce of an answer, if it has one (RFC 9449 section 8.2). */
    public void learnNonce(HttpHeaders answer) {
        String given = answer.get("DPoP-Nonce");
        if (given != null) {
            nonce = given;
        }
    }

    /**
     * Notes whether the gateway knows the ancestors: it does after a permitted call, and does not if it asks for them.
     */
    public void chainKnown(boolean known) {
        chainKnown = known;
    }
}
