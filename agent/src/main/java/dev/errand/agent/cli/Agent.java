package dev.errand.agent.cli;

import dev.errand.holder.AgentException;
import dev.errand.text.Printable;
import picocli.CommandLine;

/** The entry point of the command. */
public final class Agent {
    private static final int FAULT = 1;

    private Agent() {}

    /** Runs the companion and ends the process with its exit code. */
    public static void main(String[] arguments) {
        System.exit(execute(arguments));
    }

    /** Runs the companion to its end and returns its exit code. A fault is one line on standard error. */
    public static int execute(String... arguments) {
        CommandLine command = new CommandLine(new AgentCommand());
        command.getCommandSpec().versionProvider(new Version());
        return command.setExpandAtFiles(false)
                .setStopAtPositional(true)
                .setExecutionExceptionHandler((fault, failed, parsed) -> {
                    if (fault instanceof AgentException) {
                        note(String.valueOf(fault.getMessage()));
                        return FAULT;
                    }
                    throw fault;
                })
                .execute(arguments);
    }

    /** The answer to {@code --version}. */
    private static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Agent.class.getPackage().getImplementationVersion();
            return new String[] {"errand agent " + (version == null ? "unpackaged" : version)};
        }
    }

    /** Prints a line for the person who runs the companion. */
    static void note(String line) {
        System.err.println(Printable.line("errand agent: " + line));
    }
}
