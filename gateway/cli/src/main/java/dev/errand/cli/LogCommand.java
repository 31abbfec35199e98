package dev.errand.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code errand log}: the commands that change a provenance log by hand. */
@Command(
        name = "log",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "adopt",
        description = "What is done to a provenance log by hand.",
        subcommands = LogAdoptCommand.class)
final class LogCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }
}
