package dev.errand.cli;

import dev.errand.offline.scenario.ScenarioKeys;
import dev.errand.schema.EditorSchema;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code errand schema}: prints the schemas by which an editor completes and checks catalogues and templates. */
@Command(
        name = "schema",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "catalogue|template",
        description = "Prints a JSON Schema (2020-12) by which an editor completes and checks a file.",
        footer = {
            "",
            "  errand schema catalogue > catalogue.json",
            "and, as the first line of a file below operations/:",
            "  # yaml-language-server: $schema=../catalogue.json"
        })
final class SchemaCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Name what to print the schema of: catalogue or template.");
    }

    @Command(
            description = "Print the schema of a catalogue, operations/*.yaml, of every resolver.",
            mixinStandardHelpOptions = true)
    void catalogue() {
        print(EditorSchema.CATALOGUE);
    }

    @Command(description = "Print the schema of a template, tasks/*.yaml.", mixinStandardHelpOptions = true)
    void template(
            @Option(names = "--markdown", description = "Print the tables of docs/templates.md instead.")
                    boolean markdown) {
        if (!markdown) {
            print(EditorSchema.TEMPLATE);
            return;
        }
        PrintWriter out = spec.commandLine().getOut();
        out.print(markdown());
        out.flush();
    }

    /** The tables of {@code docs/templates.md}: every key of a template, then every key of a scenario. */
    static String markdown() {
        return "## Every key\n\n" + Reference.ofTemplates() + "## Every key of a scenario\n\n"
                + Reference.of(ScenarioKeys.SCENARIO);
    }

    private void print(EditorSchema schema) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(schema.text());
        out.flush();
    }
}
