package dev.errand.cli;

import picocli.CommandLine.Command;

/** {@code errand audit}: the commands that report from logs about templates. */
@Command(
        name = "audit",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "(scopes | candidate)",
        description = "Compares what a template grants with what recorded logs show.",
        subcommands = {ScopesCommand.class, CandidateCommand.class})
final class AuditCommand extends CommandGroup {}
