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
        return new CommandLine(new AgentCommand())
                .setExpandAtFiles(false)
                .setStopAtPositional(true)
                .setExecutionExceptionHandler((fault, command, parsed) -> {
                    if (fault instanceof AgentException) {
                        note(String.valueOf(fault.getMessage()));
                        return FAULT;
                    }
                    throw fault;
                })
                .execute(arguments);
    }

    /** Prints a line for the person who runs the companion. */
    static void note(String line) {
        System.err.println(Printable.line("errand agent: " + line));
    }
}
