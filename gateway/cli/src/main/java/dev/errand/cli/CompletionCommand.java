package dev.errand.cli;

import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code errand completion}: prints a shell's script that completes commands. The start script prints the same file itself. */
@Command(
        name = "completion",
        mixinStandardHelpOptions = true,
        description = "Prints a script that completes commands.",
        footer = {
            "",
            "  source <(errand completion bash)     # in ~/.bashrc",
            "  source <(errand completion zsh)      # in ~/.zshrc",
            "  errand completion fish | source      # in config.fish"
        })
final class CompletionCommand extends CliCommand {
    /** The shells that are known. */
    enum Shell {
        bash,
        zsh,
        fish
    }

    @Parameters(index = "0", paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}.")
    private Shell shell = Shell.bash;

    @Override
    public Integer call() {
        PrintWriter out = out();
        out.print(HelpText.read("completion." + shell));
        out.flush();
        return 0;
    }
}
