package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Checkout;
import dev.errand.autoconfigure.ErrandProperties;
import dev.errand.cli.ConfigurationKeys.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/configuration.md} has every key of {@code errand}, with the type and the default of the code. With
 * {@code -Derrand.renew=true} the test writes the tables anew, and keeps what the page says of each key.
 */
class ConfigurationPageTest {
    private static final Path PAGE = Checkout.path("docs/configuration.md");
    private static final Pattern TABLE_ROW =
            Pattern.compile("(?m)^\\| `(errand[^`]*)` \\| (.*?) \\| (.*?) \\| (.*) \\|$");
    private static final Pattern SECTION = Pattern.compile("(?m)^## `(errand[^`]*)`");
    private static final String HEAD = "| key | type | default | what it is |\n|---|---|---|---|\n";

    /** Where the configuration lies is no key that it holds. */
    private static List<Row> inCode() {
        return ConfigurationKeys.of("errand", ErrandProperties.class).stream()
                .filter(row -> !row.key().equals("errand.directory"))
                .toList();
    }

    private static Map<String, String> meanings(String page) {
        Map<String, String> meanings = new LinkedHashMap<>();
        Matcher row = TABLE_ROW.matcher(page);
        while (row.find()) {
            meanings.put(row.group(1), row.group(4));
        }
        return meanings;
    }

    /** The rows of each section: a key stands in the section whose name is its longest beginning. */
    private static String renewed(String page) {
        Map<String, String> meanings = meanings(page);
        List<String> sections =
                SECTION.matcher(page).results().map(found -> found.group(1)).toList();
        String bare = page.replace(HEAD, "").replaceAll(TABLE_ROW.pattern() + "\n", "");
        Map<String, StringBuilder> tables = new LinkedHashMap<>();
        for (Row row : inCode()) {
            String home = sections.stream()
                    .filter(section -> row.key().equals(section) || row.key().startsWith(section))
                    .max((one, other) -> Integer.compare(one.length(), other.length()))
                    .orElse("errand");
            tables.computeIfAbsent(home, none -> new StringBuilder(HEAD))
                    .append(String.format(
                            "| `%s` | %s | %s | %s |%n",
                            row.key(), row.type(), row.fallback(), meanings.getOrDefault(row.key(), "")));
        }
        StringBuilder whole = new StringBuilder();
        for (String part : bare.split("(?m)(?=^## )")) {
            Matcher section = SECTION.matcher(part);
            whole.append(part.stripTrailing()).append("\n\n");
            if (section.find() && tables.containsKey(section.group(1))) {
                whole.append(tables.get(section.group(1))).append('\n');
            }
        }
        return whole.toString().stripTrailing() + "\n";
    }

    @Test
    void page_isThatOfTheCode_andSaysSomethingOfEachKey() throws IOException {
        String page = Files.readString(PAGE);
        String renewed = renewed(page);
        if (Boolean.getBoolean("errand.renew")) {
            Files.writeString(PAGE, renewed);
            page = renewed;
        }
        assertThat(page)
                .as("renew it: run this test with -Derrand.renew=true, then say what the new keys are")
                .isEqualTo(renewed);
        assertThat(meanings(page))
                .allSatisfy((key, meaning) ->
                        assertThat(meaning).as(key).hasSizeGreaterThan(10).endsWith("."));
        assertThat(meanings(page).keySet())
                .containsExactlyInAnyOrderElementsOf(
                        inCode().stream().map(Row::key).toList());
    }
}
