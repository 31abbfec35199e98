package dev.errand.cli;

import dev.errand.cli.dev.InitCommand;
import dev.errand.cli.login.LoginCommand;
import dev.errand.json.DidYouMean;
import dev.errand.json.Printable;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import reactor.netty.ReactorNetty;

/** The errand command: its first word chooses what it does. */
@Command(
        name = "errand",
        description = "A gateway that lets an agent act for a human: this task, in this order, within these bounds.",
        subcommands = {
            InitCommand.class,
            RunCommand.class,
            DemoCommand.class,
            CheckCommand.class,
            ReadyCommand.class,
            StandingCommand.class,
            TestCommand.class,
            DiffCommand.class,
            LoginCommand.class,
            ApproveCommand.class,
            KeysCommand.class,
            LogCommand.class,
            SchemaCommand.class,
            ExplainCommand.class,
            TaskCommand.class,
            TokenCommand.class,
            VerifyCommand.class,
            VerifyLogCommand.class,
            ProveCommand.class,
            AuditCommand.class,
            ReplayCommand.class,
            LearnCommand.class,
            ExportCommand.class,
            PromoteCommand.class,
            GatewayConfigCommand.class,
            CompletionCommand.class
        },
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
public final class Errand implements Runnable {
    private static final Set<String> COMPANION = Set.of("agent", "mcp-serve");

    /** The exit code of a command that goes on running in the background of this process. */
    static final int RUNNING = -1;

    @CommandLine.Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandLine.Model.CommandSpec spec;

    private Errand() {}

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] args) {
        tuneNetty();
        DemoJar.announce();
        int code = commandLine().execute(args);
        if (code != RUNNING) {
            System.exit(code);
        }
    }

    /**
     * Sets one event loop per processor. Reactor Netty makes four at least: on fewer processors these take turns, and work that one
     * loop does once for several calls is done four times. Nothing blocks a loop, so no further loops are needed. Also watches one
     * buffer in 1,024 for a leak, not one in 128: each costs two stack traces. Must run before the classes that read the properties
     * are loaded. A property that the command line sets is kept.
     */
    private static void tuneNetty() {
        setUnlessSet(
                ReactorNetty.IO_WORKER_COUNT,
                String.valueOf(Runtime.getRuntime().availableProcessors()));
        setUnlessSet("io.netty.leakDetection.samplingInterval", "1024");
    }

    private static void setUnlessSet(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    /** The command, to be run within a process that goes on. */
    public static CommandLine commandLine() {
        CommandLine command = new CommandLine(new Errand());
        tellVersion(command);
        // The help of the whole command lists all commands by purpose.
        command.getCommandSpec()
                .usageMessage()
                .sectionKeys(List.of(CommandLine.Model.UsageMessageSpec.SECTION_KEY_HEADER))
                .sectionMap(Map.of(
                        CommandLine.Model.UsageMessageSpec.SECTION_KEY_HEADER, help -> HelpText.read("help.txt")));
        CommandLine.IParameterExceptionHandler others = command.getParameterExceptionHandler();
        command.setParameterExceptionHandler((wrong, words) -> {
            if (wrong.getCommandLine() == command && words.length > 0 && !words[0].startsWith("-")) {
                command.getErr()
                        .println("errand: "
                                + unknown(words[0], command.getSubcommands().keySet()));
                return command.getCommandSpec().exitCodeOnInvalidInput();
            }
            return others.handleParseException(wrong, words);
        });
        return TokenCommand.reportingFaults(command).setExpandAtFiles(false);
    }

    private static String unknown(String word, Set<String> commands) {
        return COMPANION.contains(word)
                ? "'" + word
                        + "' is a command of the companion, a program of its own: run it by the script `errand` of the"
                        + " clone or the archive, or by errand-agent.jar"
                : "there is no command '" + Printable.line(word) + "'" + DidYouMean.hint(word, commands)
                        + "; `errand --help` lists all";
    }

    private static void tellVersion(CommandLine command) {
        command.getCommandSpec().versionProvider(new Version());
        for (CommandLine below : command.getSubcommands().values()) {
            tellVersion(below);
        }
    }

    /** The answer to {@code --version} of each command. */
    private static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Errand.class.getPackage().getImplementationVersion();
            return new String[] {"errand " + (version == null ? "unpackaged" : version)};
        }
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }
}
