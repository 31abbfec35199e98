package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Checkout;
import dev.errand.config.Faults;
import dev.errand.config.Yaml;
import dev.errand.config.YamlMap;
import dev.errand.template.TemplateParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code docs/templates.md} says what the readers know. */
class TemplatesPageTest {
    private static final Path PAGE = Checkout.path("docs/templates.md");

    @Test
    void tables_areThoseOfTheKeysInCode() throws IOException {
        String page = Files.readString(PAGE);
        assertThat(page.substring(page.indexOf("## Every key\n")))
                .as("renew it: keep what stands before '## Every key', then ./errand schema template --markdown")
                .isEqualTo(SchemaCommand.markdown());
    }

    @Test
    void tablesOfCatalogues_areThoseOfTheKeysInCode() throws IOException {
        String page = Files.readString(Checkout.path("docs/operations/catalogue.md"));
        assertThat(page.substring(page.indexOf("## Every key\n")))
                .as("renew it: keep what stands before '## Every key', then ./errand schema catalogue --markdown")
                .isEqualTo(SchemaCommand.catalogueTables());
    }

    @Test
    void example_isATemplate() throws IOException {
        Matcher block =
                Pattern.compile("```yaml\n(template:.*?)```", Pattern.DOTALL).matcher(Files.readString(PAGE));
        assertThat(block.find()).isTrue();
        Faults faults = new Faults();
        assertThat(new TemplateParser().parse("example.yaml", block.group(1), null, faults))
                .as(faults.toString())
                .isPresent();
        assertThat(block.find()).as("the scenario").isTrue();
        YamlMap scenario = (YamlMap) Yaml.parse("example.yaml", block.group(1), faults);
        assertThat(scenario.optional("calls")).isNotNull();
    }
}
