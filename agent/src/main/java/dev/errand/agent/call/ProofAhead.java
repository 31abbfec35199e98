package dev.errand.agent.call;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Signs one proof before the call that needs it. Calls of one path often follow each other at once (pages of a list,
 * parts of an upload, a status that is asked for again), and signing takes longer than all else that the companion
 * does. A proof waits for a second at most, and is used once. Thread-safe.
 */
final class ProofAhead {
    private static final long GOOD_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final CallProof proofs;
    private final ExecutorService signer = signer();
    private final AtomicReference<@Nullable Ready> ready = new AtomicReference<>();
    private volatile String last = "";

    ProofAhead(CallProof proofs) {
        this.proofs = proofs;
    }

    private record Ready(
            String method, String url, @Nullable String nonce, long signed, String proof) {
        boolean isFor(String otherMethod, String otherUrl, @Nullable String otherNonce) {
            return method.equals(otherMethod)
                    && url.equals(otherUrl)
                    && (nonce == null ? otherNonce == null : nonce.equals(otherNonce))
                    && System.nanoTime() - signed < GOOD_NANOS;
        }
    }

    /**
     * One thread, which ends after a second without work. A proof that the thread cannot take at once is not signed
     * ahead.
     */
    private static ExecutorService signer() {
        ThreadPoolExecutor one = new ThreadPoolExecutor(
                1,
                1,
                1,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(1),
                task -> {
                    Thread thread = new Thread(task, "errand-agent-signer");
                    thread.setDaemon(true);
                    return thread;
                },
                new ThreadPoolExecutor.DiscardPolicy());
        one.allowCoreThreadTimeOut(true);
        return one;
    }

    /** The proof for this call. If the last call was the same, the proof of the next one is signed ahead. */
    String sign(String method, String url, @Nullable String nonce) {
        Ready first = ready.getAndSet(null);
        boolean fits = first != null && first.isFor(method, url, nonce);
        String proof = fits ? first.proof() : proofs.sign(method, url, nonce);
        String call = method + ' ' + url;
        if (call.equals(last)) {
            signer.execute(
                    () -> ready.set(new Ready(method, url, nonce, System.nanoTime(), proofs.sign(method, url, nonce))));
        }
        last = call;
        return proof;
    }
}
