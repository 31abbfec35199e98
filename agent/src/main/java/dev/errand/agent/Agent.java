package dev.errand.agent;

import dev.errand.holder.AgentException;
import dev.errand.json.Printable;
import java.util.Arrays;
import picocli.CommandLine;

/** The entry point of the commands {@code errand agent} and {@code errand mcp-serve}. */
public final class Agent {
    private static final int FAULT = 1;
    private static final String AGENT = "errand agent";

    private Agent() {}

    /** Runs the command that the first word may name, else the companion, and ends the process with its exit code. */
    public static void main(String[] arguments) {
        String name = arguments.length > 0 ? arguments[0] : "";
        boolean serves = name.equals(McpServe.NAME);
        String[] rest = serves || name.equals("agent") ? Arrays.copyOfRange(arguments, 1, arguments.length) : arguments;
        System.exit(serves ? serve(rest) : execute(rest));
    }

    /** Runs the companion to its end and returns its exit code. A fault is one line on standard error. */
    public static int execute(String... arguments) {
        return run(AGENT, new AgentCommand(), arguments);
    }

    /** Serves an MCP server over stdio until a signal comes and returns the exit code. */
    static int serve(String... arguments) {
        return run(McpServe.COMMAND, new McpServe(), arguments);
    }

    private static int run(String name, Object options, String... arguments) {
        CommandLine command = new CommandLine(options);
        command.getCommandSpec().versionProvider(new Version(name));
        return command.setExpandAtFiles(false)
                .setStopAtPositional(true)
                .setExecutionExceptionHandler((fault, failed, parsed) -> {
                    if (fault instanceof AgentException) {
                        say(name, String.valueOf(fault.getMessage()));
                        return FAULT;
                    }
                    throw fault;
                })
                .execute(arguments);
    }

    /** The answer to {@code --version}. */
    private record Version(String name) implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Agent.class.getPackage().getImplementationVersion();
            return new String[] {name + " " + (version == null ? "unpackaged" : version)};
        }
    }

    /** Prints a line of the companion for the person who runs it. */
    static void note(String line) {
        say(AGENT, line);
    }

    /** Prints a line of a command for the person who runs it. */
    static void say(String command, String line) {
        System.err.println(Printable.line(command + ": " + line));
    }
}
