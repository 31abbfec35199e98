package dev.errand.template;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Faults;
import dev.errand.operation.OperationCatalogue;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Of which operations humans may read the bodies. */
class ShownBodiesTest {
    private static final String TEMPLATE = """
            catalogue: c
            resolver: template
            %s
            operations:
              - {id: a, match: {method: POST, path: /a}, effect: write, show: body}
              - {id: b, match: {method: POST, path: /b}, effect: write}
            """;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            template |                        | c:a                   | true
            template |                        | c:b                   | false
            template | show: body             | c:b                   | true
            s3       | ''                     | c:PutObject           | false
            s3       | show: body             | c:PutObject           | true
            s3       | show: {PutObject: body} | c:PutObject          | true
            s3       | show: {PutObject: body} | c:PutBucketTagging   | false
            jsonrpc  | show: {pay: body}      | c:tools.call/pay      | true
            jsonrpc  | show: {pay: body}      | c:tools.call/send     | false
            kubernetes | show: body           | c:pods.create         | true
            """)
    void show_isReadByIdOrForAll(String resolver, String show, String id, boolean shown) {
        String said = show == null ? "" : show;
        String text = resolver.equals("template")
                ? TEMPLATE.formatted(said)
                : "catalogue: c\nresolver: " + resolver + "\n" + said + "\n"
                        + (resolver.equals("jsonrpc") ? "path: /mcp\n" : "");
        Faults faults = new Faults();
        OperationCatalogue catalogue = CatalogueLoader.parse("c.yaml", text, Path.of("."), faults);
        assertThat(faults.list()).isEmpty();
        assertThat(Objects.requireNonNull(catalogue).operation(id).orElseThrow().showsBody())
                .isEqualTo(shown);
    }
}
