package dev.errand.cli;

import picocli.CommandLine.Command;

/** {@code errand export}: the commands that write a log in another form. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "ocsf",
        description = "Writes the records of a log in the words of others.",
        subcommands = OcsfCommand.class)
final class ExportCommand extends CommandGroup {}
