package dev.errand.gateway.cli;

import dev.errand.gateway.cli.audit.AuditCommand;
import dev.errand.gateway.cli.audit.LearnCommand;
import dev.errand.gateway.cli.audit.ReplayCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import reactor.netty.ReactorNetty;

/** The errand command: its first word chooses what it does. */
@Command(
        name = "errand",
        description = "A gateway that lets an agent act for a human: this task, in this order, within these bounds.",
        subcommands = {
            RunCommand.class,
            DemoCommand.class,
            CheckCommand.class,
            SchemaCommand.class,
            ExplainCommand.class,
            TaskCommand.class,
            TokenCommand.class,
            VerifyCommand.class,
            VerifyLogCommand.class,
            ProveCommand.class,
            AuditCommand.class,
            ReplayCommand.class,
            LearnCommand.class
        },
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
public final class Errand implements Runnable {
    /** The exit code of a command that goes on running in the background of this process. */
    static final int RUNNING = -1;

    @CommandLine.Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandLine.Model.CommandSpec spec;

    private Errand() {}

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] args) {
        oneEventLoopForEachProcessor();
        int code = commandLine().execute(args);
        if (code != RUNNING) {
            System.exit(code);
        }
    }

    /**
     * Reactor Netty takes four at least, which on fewer processors only take turns: what one loop does for several calls at
     * once they would do four times. Nothing on them blocks, so that none has to stand in for another. To be
     * said before Reactor Netty's classes are loaded, which read it once.
     */
    private static void oneEventLoopForEachProcessor() {
        if (System.getProperty(ReactorNetty.IO_WORKER_COUNT) == null) {
            System.setProperty(
                    ReactorNetty.IO_WORKER_COUNT,
                    String.valueOf(Runtime.getRuntime().availableProcessors()));
        }
    }

    /** The command, to be run within a process that goes on. */
    public static CommandLine commandLine() {
        return TokenCommand.reportingFaults(new CommandLine(new Errand())).setExpandAtFiles(false);
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }
}
