package dev.errand.cli;

import dev.errand.cli.dev.TokenHumanCommand;
import dev.errand.cli.dev.TokenSvidCommand;
import dev.errand.holder.AgentException;
import dev.errand.json.Printable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code token}: the agent's side, for people and scripts. Faults go to standard error and exit with 1. */
@Command(
        name = "token",
        mixinStandardHelpOptions = true,
        usageHelpWidth = 120,
        synopsisSubcommandLabel = "start|derive|proof|kubeconfig|end|human|svid",
        description = "The agent's side: start a task, derive a narrower token, prove a call, end a token.",
        footer = {
            "",
            "A task in four lines; each command has a --help of its own:",
            "  errand token start -q --subject-token @human.jwt --svid @agent.svid --key agent.jwk \\",
            "      --template triage --param ticket=17 >task.jwt",
            "  URL=http://127.0.0.1:8080/tickets/v1/tickets/17",
            "  printf 'Authorization: DPoP %%s\\nDPoP: %%s\\n' \"$(cat task.jwt)\" \\",
            "      \"$(errand token proof --token @task.jwt --key agent.jwk --url \"$URL\")\" | curl \"$URL\" -H @-",
            "  errand token end --token @task.jwt --key agent.jwk",
            "",
            "Every user of a machine can read the arguments of a process, so tokens are passed by @file or @-"
                    + " (standard input).",
            "",
            "For a first run, by the keys of `errand init --dev`: errand token human, errand token svid."
        },
        subcommands = {
            TokenStartCommand.class,
            TokenDeriveCommand.class,
            TokenProofCommand.class,
            TokenKubeconfigCommand.class,
            TokenEndCommand.class,
            TokenHumanCommand.class,
            TokenSvidCommand.class
        })
final class TokenCommand extends CommandGroup {
    /** Has an {@code AgentException} of any command printed as one line on standard error. */
    public static CommandLine reportingFaults(CommandLine commandLine) {
        CommandLine.IExecutionExceptionHandler others = commandLine.getExecutionExceptionHandler();
        return commandLine.setExecutionExceptionHandler((fault, failed, parsed) -> {
            if (fault instanceof AgentException) {
                failed.getErr().println(Printable.line("errand: " + fault.getMessage()));
                return 1;
            }
            return others.handleExecutionException(fault, failed, parsed);
        });
    }
}
