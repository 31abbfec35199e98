package dev.errand.cli;

import picocli.CommandLine.Command;

/** {@code errand keys}: the gateway's own keys. */
@Command(
        name = "keys",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "new",
        description = "The gateway's own keys. docs/keys.md says which replica needs which.",
        subcommands = KeysNewCommand.class)
final class KeysCommand extends CommandGroup {}
