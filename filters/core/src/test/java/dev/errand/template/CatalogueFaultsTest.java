package dev.errand.template;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Faults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every bad catalogue has the one fault that its last line tells. */
class CatalogueFaultsTest {
    private static final Path FOLDER = Path.of("src", "test", "resources", "operation", "faults");
    private static final String MARK = "# fault: ";

    static List<String> fixtures() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void fixtures_areThere() throws IOException {
        assertThat(fixtures()).hasSizeGreaterThanOrEqualTo(30);
    }

    @ParameterizedTest
    @CsvSource({
        "b, templte, b.yaml:2:11, b.yaml:4:62",
        "b, odd, b.yaml:2:11, b.yaml:3:20",
        "B, template, b.yaml:1:12, b.yaml:4:62"
    })
    void parse_anUnknownResolverOrABadName_hidesNoOtherFault(String name, String resolver, String first, String last) {
        Faults faults = new Faults();
        CatalogueLoader.parse("b.yaml", """
                catalogue: %s
                resolver: %s
                normalise: {query: opne}
                operations: [{id: b, match: {method: GET, path: /b}, effect: reed}]
                efects: {}
                """.formatted(name, resolver), FOLDER, faults);
        assertThat(faults.list())
                .extracting(fault -> fault.toString().replaceFirst(": .*", ""))
                .contains(first, "b.yaml:3:20", "b.yaml:5:1", last);
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void parse_aBadCatalogue_saysWhereAndWhat(String file) throws IOException {
        String text = Files.readString(FOLDER.resolve(file));
        Faults faults = new Faults();
        assertThat(CatalogueLoader.parse(file, text, FOLDER, faults)).isNull();
        String expected = Objects.requireNonNull(
                text.lines().filter(line -> line.startsWith(MARK)).findFirst().orElse("no '" + MARK + "' in " + file));
        assertThat(MARK + faults).isEqualTo(expected);
    }
}
