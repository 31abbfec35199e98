package dev.errand.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.jose.ProofClaim;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class InMemoryStartStoreTest extends StartStoreContract {
    private final InMemoryStartStore store = new InMemoryStartStore();

    @Override
    protected List<InMemoryStartStore> replicas() {
        return List.of(store, store);
    }

    @Test
    void claimProof_ofALongWindow_isKeptTwiceTheWindow() {
        AtomicLong clock = new AtomicLong(1_795_512_000_000L);
        InMemoryStartStore moved = new InMemoryStartStore(clock::get);
        ProofClaim proof = new ProofClaim("p", ProofClaim.keepMillis(Duration.ofMinutes(20)), false);
        assertThat(moved.claimProof(proof).block()).isTrue();
        clock.addAndGet(Duration.ofMinutes(40).toMillis());
        assertThat(moved.claimProof(proof).block()).isFalse();
        clock.addAndGet(Duration.ofMinutes(1).toMillis());
        assertThat(moved.claimProof(proof).block()).isTrue();
    }
}
