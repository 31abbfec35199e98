package dev.errand.dependencies;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What a Spring Cloud Gateway gets that depends on the filters. */
class StarterTreeTest {
    @Test
    void tree_holdsNothingThatOnlyTheDemoNeeds() {
        List<String> files =
                ShippedLibrary.ofThisModule().stream().map(ShippedLibrary::file).toList();
        assertThat(files).hasSizeGreaterThan(50);
        assertThat(DemoOnly.in(files)).isEmpty();
    }

    @Test
    void in_namesWhatTheDemoBrings() {
        assertThat(DemoOnly.in(List.of("wiremock-standalone-3.13.2.jar", "lettuce-core-6.8.2.jar", "jedis-7.0.0.jar")))
                .containsExactly("wiremock-standalone-3.13.2.jar", "jedis-7.0.0.jar");
    }
}
