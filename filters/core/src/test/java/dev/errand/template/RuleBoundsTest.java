package dev.errand.template;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Faults;
import dev.errand.config.Yaml;
import dev.errand.config.YamlMap;
import dev.errand.sequence.SequenceCompiler;
import dev.errand.sequence.SequenceParser;
import dev.errand.sequence.SequencePolicy;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How much rules may keep; a stored revision is not held to it. */
class RuleBoundsTest {
    private static String faults(String rules) {
        Faults faults = new Faults();
        YamlMap map = (YamlMap) Objects.requireNonNull(Yaml.parse("t.yaml", "rules:\n" + rules, faults));
        SequencePolicy policy = SequenceParser.policy(map, SequenceCompiler.DEFAULT_RESPONSE_TIMEOUT, faults);
        if (policy != null) {
            RuleBounds.check(policy, faults);
        }
        return faults.toString();
    }

    private static String same(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "  - {bounded: a" + i + ", at-most: 1, same: [resource]}\n")
                .collect(Collectors.joining());
    }

    @Test
    void tenRulesWithSame_fit_andElevenDoNot() {
        assertThat(faults(same(10))).isEmpty();
        assertThat(faults(same(10) + "  - {from: {a: x}, to: {b: y}}\n")).isEmpty();
        assertThat(faults(same(11)))
                .startsWith("t.yaml:12:5: with this rule the rules of the template could keep more than 1048576 bytes");
        assertThat(faults(same(10) + "  - {distinct: b, of: x, at-most: 4096}\n"))
                .startsWith("t.yaml:12:5: ");
        assertThat(faults(same(10) + "  - {distinct: b, of: x, at-most: 20}\n")).isEmpty();
    }

    @Test
    void boundedWindow_ofMoreThanIsKept_isAFault() {
        assertThat(faults("  - {bounded: a, at-most: 4096, within: 1m}\n")).isEmpty();
        assertThat(faults("  - {bounded: a, at-most: 4097, within: 1m}\n"))
                .isEqualTo("t.yaml:2:27: expected an integer 1..4096, found the number 4097");
        assertThat(faults("  - {bounded: a, at-most: 4097}\n")).isEmpty();
    }
}
