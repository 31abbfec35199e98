package dev.errand.agent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UsedProofsTest {
    @Test
    void proofs_areForgotten_whenTheyCannotBeShownAgain() {
        UsedProofs used = new UsedProofs();
        for (int i = 0; i < 10_000; i++) {
            assertThat(used.add("p" + i, i, 60_000)).isTrue();
        }
        assertThat(used.add("p9999", 59_999, 60_000)).isFalse();
        assertThat(used.add("more", 59_999, 60_000)).isFalse();
        assertThat(used.add("more", 60_000, 60_000)).isTrue();
        assertThat(used.add("more", 60_001, 60_000)).isFalse();
    }
}
