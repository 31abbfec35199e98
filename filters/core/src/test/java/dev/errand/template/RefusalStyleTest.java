package dev.errand.template;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Faults;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.RefusalStyle;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Which form refusals have, by resolver and by the key {@code refusals}. */
class RefusalStyleTest {
    private static OperationCatalogue parse(String text) {
        Faults faults = new Faults();
        OperationCatalogue catalogue =
                CatalogueLoader.parse("c.yaml", "{catalogue: c, " + text + "}", Path.of(""), faults);
        assertThat(faults.list()).isEmpty();
        return Objects.requireNonNull(catalogue);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "resolver: template, operations: [] | template | PROBLEM",
                "resolver: kubernetes | kubernetes | KUBERNETES",
                "resolver: s3 | s3 | S3",
                "resolver: jsonrpc, path: /mcp | jsonrpc | JSONRPC"
            })
    void refusals_leftOut_areTheResolvers(String text, String resolver, RefusalStyle style) {
        OperationCatalogue catalogue = parse(text);

        assertThat(catalogue.resolver()).isEqualTo(resolver);
        assertThat(catalogue.refusals()).isEqualTo(style);
        assertThat(catalogue.as("other").refusals()).isEqualTo(style);
        assertThat(catalogue.as("other").resolver()).isEqualTo(resolver);
        assertThat(catalogue.as("other").endpoint()).isEqualTo(catalogue.endpoint());
    }

    @ParameterizedTest
    @EnumSource
    void refusals_areThoseOfTheFile(RefusalStyle style) {
        assertThat(parse("resolver: template, operations: [], refusals: " + style.wire())
                        .refusals())
                .isEqualTo(style);
        assertThat(parse("resolver: kubernetes, refusals: " + style.wire()).refusals())
                .isEqualTo(style);
    }
}
