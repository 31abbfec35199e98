package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Checkout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** {@code docs/template-keys.md} says what the readers know. */
class TemplatesPageTest {
    private static final Path PAGE = Checkout.path("docs/template-keys.md");

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
}
