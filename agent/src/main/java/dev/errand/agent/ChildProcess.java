package dev.errand.agent;

import dev.errand.holder.AgentException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** COMMAND, with the companion's own standard input and output. */
record ChildProcess(Process process) {
    /**
     * Starts COMMAND.
     *
     * @throws AgentException if there is no such program
     */
    public static ChildProcess start(List<String> command, Map<String, String> environment) {
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        builder.environment().clear();
        builder.environment().putAll(environment);
        try {
            return new ChildProcess(builder.start());
        } catch (IOException e) {
            throw new AgentException(command.get(0) + ": cannot be run: " + e.getMessage());
        }
    }

    /** The id of the process. */
    public long pid() {
        return process.pid();
    }

    /**
     * Waits for the end of COMMAND and returns its exit status. If a signal ended it, the status is 128 plus the
     * signal's number.
     */
    public int await() {
        while (true) {
            try {
                return process.waitFor();
            } catch (InterruptedException goOn) {
                // An interrupt changes nothing: the companion runs until COMMAND has ended.
            }
        }
    }

    /**
     * Passes a signal on to COMMAND.
     *
     * @param name without {@code SIG}
     */
    public void signal(String name) {
        // A terminal sends INT to its whole foreground process group, so COMMAND has it already.
        boolean told = name.equals("INT") && isTerminal() && isForeground(process.pid());
        if (told || !process.isAlive()) {
            return;
        }
        try {
            new ProcessBuilder("sh", "-c", "kill -s " + name + " " + process.pid()).start();
        } catch (IOException noShell) {
            process.destroy();
        }
    }

    /** Whether standard input is a terminal. */
    private static boolean isTerminal() {
        try {
            String input = Files.readSymbolicLink(Path.of("/proc/self/fd/0")).toString();
            return input.startsWith("/dev/pts/") || input.startsWith("/dev/tty");
        } catch (IOException | RuntimeException notLinux) {
            return System.console() != null;
        }
    }

    /** Whether a process is in the foreground of its terminal: proc(5), fields 5 and 8. */
    private static boolean isForeground(long pid) {
        try {
            return isForeground(Files.readString(Path.of("/proc/" + pid + "/stat")));
        } catch (IOException notLinux) {
            return false;
        }
    }

    /** @param stat the text of the process's {@code stat} file (proc(5)) */
    static boolean isForeground(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
        return fields.length > 5 && fields[2].equals(fields[5]);
    }
}
