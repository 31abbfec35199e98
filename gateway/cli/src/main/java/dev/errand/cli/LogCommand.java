package dev.errand.cli;

import picocli.CommandLine.Command;

/** {@code errand log}: the commands that change a provenance log by hand. */
@Command(
        name = "log",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "adopt",
        description = "What is done to a provenance log by hand.",
        subcommands = LogAdoptCommand.class)
final class LogCommand extends CommandGroup {}
