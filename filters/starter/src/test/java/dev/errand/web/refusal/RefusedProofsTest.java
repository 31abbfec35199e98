package dev.errand.web.refusal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.jose.ProofClaim;
import dev.errand.task.Tasks;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RefusedProofsTest {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
    private final RefusedProofs refused = new RefusedProofs(nanos::get);

    @Test
    void proof_isFirstOnce_asLongAsItCanBeRepeated() {
        ProofClaim proof = Tasks.proof("p");
        assertThat(refused.isFirst(proof)).isTrue();
        assertThat(refused.isFirst(proof)).isFalse();
        assertThat(refused.isFirst(Tasks.proof("q"))).isTrue();
        nanos.addAndGet(59_999_000_000L);
        assertThat(refused.isFirst(proof)).isFalse();
        nanos.addAndGet(1_001_000_000L);
        assertThat(refused.isFirst(proof)).isTrue();
    }

    @Test
    void callers_provenByTheirConnection_areAlwaysFirst() {
        assertThat(refused.isFirst(ProofClaim.NONE)).isTrue();
        assertThat(refused.isFirst(ProofClaim.NONE)).isTrue();
    }

    @Test
    void proofs_thatShareAPlace_neverMakeEachOtherFirstAgain() {
        for (int i = 0; i < 200_000; i++) {
            refused.isFirst(Tasks.proof("p" + i));
        }
        int first = 0;
        for (int i = 0; i < 200_000; i++) {
            first += refused.isFirst(Tasks.proof("p" + i)) ? 1 : 0;
        }
        assertThat(first).as("of repetitions").isZero();
    }
}
