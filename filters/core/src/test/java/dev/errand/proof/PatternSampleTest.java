package dev.errand.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.template.ParameterPattern;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each sample matches its pattern. A pattern whose syntax is not known gives fewer samples, and never an exception. */
class PatternSampleTest {
    @ParameterizedTest
    @ValueSource(strings = {"staging|prod", "[A-Z]{3}-[0-9]{2,4}", "(?i)abc", "(?i)a:b", "(?P<name>ab)c", "(?:ab)+c"})
    void samples_match(String expression) {
        ParameterPattern pattern = ParameterPattern.compile(expression);
        List<String> samples = PatternSample.of(pattern, 8);
        assertThat(samples).isNotEmpty().doesNotHaveDuplicates().allMatch(pattern::matches);
    }

    @ParameterizedTest
    @ValueSource(strings = {"orders\\x{2d}[0-9]", "a{,3}", "\\QA(B\\E"})
    void unknownSyntax_givesWhatMatches(String expression) {
        ParameterPattern pattern = ParameterPattern.compile(expression);
        assertThat(PatternSample.of(pattern, 8)).allMatch(pattern::matches);
    }
}
