package dev.errand.state.redis;

import dev.errand.state.KeptAnswer;
import dev.errand.state.StartStore.Claim;
import dev.errand.state.StoreUnavailableException;
import dev.errand.token.Sha256;
import java.util.Arrays;

/** The stored form of the claim of a subject token: a byte 1, 16 bytes of a hash of the request, and the kept answer. */
final class StoredClaim {
    private static final byte FORMAT = 1;
    private static final int HASH_BYTES = 16;
    private static final int HEAD_BYTES = 1 + HASH_BYTES;

    private StoredClaim() {}

    static byte[] write(String requestHash, KeptAnswer answer) {
        byte[] kept = answer.bytes();
        byte[] claim = new byte[HEAD_BYTES + kept.length];
        claim[0] = FORMAT;
        System.arraycopy(half(requestHash), 0, claim, 1, HASH_BYTES);
        System.arraycopy(kept, 0, claim, HEAD_BYTES, kept.length);
        return claim;
    }

    static Claim judge(byte[] claim, String requestHash) {
        KeptAnswer answer = answer(claim);
        return Arrays.equals(claim, 1, HEAD_BYTES, half(requestHash), 0, HASH_BYTES)
                ? new Claim.Same(answer)
                : new Claim.Taken();
    }

    /** @throws StoreUnavailableException for bytes that {@link #write} did not write */
    static KeptAnswer answer(byte[] claim) {
        if (claim.length < HEAD_BYTES || claim[0] != FORMAT) {
            throw new StoreUnavailableException("the claim of a subject token cannot be read");
        }
        return new KeptAnswer(Arrays.copyOfRange(claim, HEAD_BYTES, claim.length));
    }

    /** The first half of a hash over the request's hash, so that its spelling does not matter. */
    private static byte[] half(String hash) {
        return Arrays.copyOf(Sha256.of(hash), HASH_BYTES);
    }
}
