package dev.errand.state.redis;

import dev.errand.bytes.Sha256;
import dev.errand.state.KeptAnswer;
import dev.errand.state.StartStore.Claim;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The stored form of the claim of a subject token: a byte 3, 16 bytes of a hash of the request, and the kept answer.
 * Older builds wrote the hash as text, a line end and the answer. This build also does so while it writes their format.
 */
final class StoredClaim {
    private static final byte FORMAT = 3;
    private static final int HASH_BYTES = 16;

    private StoredClaim() {}

    /** @param parted whether every reader knows the format with the byte 3 */
    static byte[] write(String requestHash, KeptAnswer answer, boolean parted) {
        byte[] kept = answer.bytes();
        if (!parted) {
            byte[] head = (requestHash + "\n").getBytes(StandardCharsets.UTF_8);
            byte[] claim = Arrays.copyOf(head, head.length + kept.length);
            System.arraycopy(kept, 0, claim, head.length, kept.length);
            return claim;
        }
        byte[] claim = new byte[1 + HASH_BYTES + kept.length];
        claim[0] = FORMAT;
        System.arraycopy(half(requestHash), 0, claim, 1, HASH_BYTES);
        System.arraycopy(kept, 0, claim, 1 + HASH_BYTES, kept.length);
        return claim;
    }

    static Claim judge(byte[] claim, String requestHash) {
        boolean same = claim[0] == FORMAT
                ? Arrays.equals(claim, 1, 1 + HASH_BYTES, half(requestHash), 0, HASH_BYTES)
                : new String(claim, 0, lineEnd(claim), StandardCharsets.UTF_8).equals(requestHash);
        return same ? new Claim.Same(answer(claim)) : new Claim.Taken();
    }

    static KeptAnswer answer(byte[] claim) {
        int head = claim[0] == FORMAT ? 1 + HASH_BYTES : lineEnd(claim) + 1;
        return new KeptAnswer(Arrays.copyOfRange(claim, Math.min(head, claim.length), claim.length));
    }

    private static int lineEnd(byte[] claim) {
        int end = 0;
        while (end < claim.length && claim[end] != '\n') {
            end++;
        }
        return end;
    }

    /** The first half of a hash over the request's hash, so that its spelling does not matter. */
    private static byte[] half(String hash) {
        return Arrays.copyOf(Sha256.of(hash), HASH_BYTES);
    }
}
