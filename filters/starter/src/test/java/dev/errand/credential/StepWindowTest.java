package dev.errand.credential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Faults;
import dev.errand.config.Yaml;
import dev.errand.config.YamlMap;
import dev.errand.sequence.SequenceCompiler;
import dev.errand.sequence.SequenceParser;
import dev.errand.sequence.SequencePolicy;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** In which states of a plan a credential of {@code when: step} may exist. */
class StepWindowTest {
    private static final String PLAN = """
            sequence:
              - vault:kv.read
              - ci:pipeline.trigger
              - k8s:apps/deployments.patch
              - ci:pipeline.get
            """;

    private static SequencePolicy policy(String yaml) {
        Faults faults = new Faults();
        YamlMap map = (YamlMap) Objects.requireNonNull(Yaml.parse("t.yaml", yaml, faults));
        return Objects.requireNonNull(
                SequenceParser.policy(map, SequenceCompiler.DEFAULT_RESPONSE_TIMEOUT, faults), faults.toString());
    }

    private static String states(String yaml, String catalogue) {
        StepWindow window = StepWindow.of(policy(yaml), Set.of(catalogue));
        StringBuilder states = new StringBuilder();
        for (int state = 0; state < 5; state++) {
            states.append(window.holds(state + " untrusted") ? state : "-");
        }
        return states.toString();
    }

    @Test
    void holds_fromTheFirstStepThatUsesTheUpstream_toTheLast() {
        assertThat(states(PLAN, "vault")).isEqualTo("0----");
        assertThat(states(PLAN, "ci")).isEqualTo("-123-");
        assertThat(states(PLAN, "k8s")).isEqualTo("--2--");
    }

    @Test
    void interleavedUse_countsAsEveryStep() {
        assertThat(states(PLAN + "interleave: [s3:GetObject]\n", "s3")).isEqualTo("01234");
    }

    @Test
    void callsInFlight_keepIt() {
        StepWindow window = StepWindow.of(policy(PLAN), Set.of("vault"));
        assertThat(window.holds("1+1 in flight")).isTrue();
        assertThat(window.holds("1")).isFalse();
    }

    @Test
    void withoutAPlan_itNeverHolds() {
        assertThat(StepWindow.of(SequencePolicy.ANY_ORDER, Set.of("vault")).holds("any"))
                .isFalse();
    }
}
