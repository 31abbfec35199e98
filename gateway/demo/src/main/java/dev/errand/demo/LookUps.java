package dev.errand.demo;

import dev.errand.cli.Errand;
import dev.errand.log.proof.Segment;
import dev.errand.log.read.LogIndex;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;

/**
 * Runs the commands that look a record up, without showing their output. {@code deploy/start-cache} asks for it, so that
 * the start cache has the classes of these commands too.
 *
 * @param configuration the directory of the configuration
 */
record LookUps(Path configuration) {
    private static final String PROPERTY = "errand.rehearsal";

    /** Whether this run of the demo makes a start cache. */
    static boolean asked() {
        return Boolean.getBoolean(PROPERTY);
    }

    /** Looks the call up as its human would, in a log that has an index. Returns the first status other than 0. */
    int rehearse(Path log, String decision, String task) throws IOException {
        LogIndex index = new LogIndex(log);
        for (Path segment : Segment.list(log)) {
            // The gateway that writes this log continues the index from here.
            index.complete(segment);
        }
        String logs = log.toString();
        List<List<String>> commands = List.of(
                List.of("--help"),
                List.of("explain", decision, "--log", logs),
                List.of("explain", decision, "--log", logs, "--config", configuration.toString()),
                List.of("task", task, "--log", logs),
                List.of("task", task, "--log", logs, "--json"),
                List.of("prove", decision, "--log", logs));
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        for (List<String> command : commands) {
            int status = Errand.commandLine().setOut(nowhere).setErr(nowhere).execute(command.toArray(String[]::new));
            if (status != 0) {
                return status;
            }
        }
        return 0;
    }
}
