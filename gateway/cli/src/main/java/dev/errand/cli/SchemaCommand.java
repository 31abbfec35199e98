package dev.errand.cli;

import dev.errand.offline.scenario.ScenarioKeys;
import dev.errand.operation.template.TemplateResolver;
import dev.errand.schema.EditorSchema;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code errand schema}: prints the schemas by which an editor completes and checks catalogues, templates and properties. */
@Command(
        name = "schema",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "catalogue|template|properties",
        description = "Prints a JSON Schema (2020-12) by which an editor completes and checks a file.",
        footer = {
            "",
            "  errand schema catalogue > catalogue.json",
            "and, as the first line of a file below operations/:",
            "  # yaml-language-server: $schema=../catalogue.json"
        })
final class SchemaCommand extends CliCommand {
    @Override
    public Integer call() {
        throw misuse("Name what to print the schema of: catalogue, template or properties.");
    }

    @Command(
            description = "Print the schema of a catalogue, operations/*.yaml, of every resolver.",
            mixinStandardHelpOptions = true)
    void catalogue(
            @Option(names = "--markdown", description = "Print the tables of docs/operations/catalogue.md instead.")
                    boolean markdown) {
        print(EditorSchema.CATALOGUE, markdown ? catalogueTables() : null);
    }

    @Command(description = "Print the schema of properties, properties/*.yaml.", mixinStandardHelpOptions = true)
    void properties() {
        print(EditorSchema.PROPERTIES, null);
    }

    @Command(description = "Print the schema of a template, tasks/*.yaml.", mixinStandardHelpOptions = true)
    void template(
            @Option(names = "--markdown", description = "Print the tables of docs/template-keys.md instead.")
                    boolean markdown) {
        print(EditorSchema.TEMPLATE, markdown ? markdown() : null);
    }

    /** The tables of {@code docs/operations/catalogue.md}: every key of a catalogue of the resolver {@code template}. */
    static String catalogueTables() {
        return "## Every key\n\n" + Reference.of(new TemplateResolver().keys());
    }

    /** The tables of {@code docs/template-keys.md}: every key of a template, then every key of a scenario. */
    static String markdown() {
        return "## Every key\n\n" + Reference.ofTemplates() + "## Every key of a scenario\n\n"
                + Reference.of(ScenarioKeys.SCENARIO);
    }

    private void print(EditorSchema schema, @Nullable String instead) {
        PrintWriter out = out();
        out.print(instead == null ? schema.text() + System.lineSeparator() : instead);
        out.flush();
    }
}
