package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Checkout;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class SchemaCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int errand(String... args) {
        CommandLine errand = Errand.commandLine();
        return errand.setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(args);
    }

    @ParameterizedTest
    @ValueSource(strings = {"catalogue", "template", "properties"})
    void schema_isTheCommittedOne(String of) {
        assertThat(errand("schema", of)).isZero();

        assertThat(Checkout.path("docs/schema/" + of + ".json")).hasContent(out.toString());
    }

    @Test
    void schema_ofNothing_asksOfWhat() {
        assertThat(errand("schema")).isEqualTo(2);

        assertThat(err.toString()).startsWith("Name what to print the schema of: catalogue, template or properties.");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void schema_ofSomethingElse_isRefused() {
        assertThat(errand("schema", "catalog")).isEqualTo(2);

        assertThat(err.toString()).contains("catalog");
    }
}
