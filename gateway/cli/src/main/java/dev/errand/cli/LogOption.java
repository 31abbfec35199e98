package dev.errand.cli;

import dev.errand.log.proof.LogDirectories;
import dev.errand.log.proof.UnusableLogException;
import dev.errand.log.read.LogReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** The logs that a command looks into. */
final class LogOption {
    @Option(
            names = "--log",
            paramLabel = "DIR",
            required = true,
            description = "a log, or a directory of logs; may be given several times, once for each replica")
    private List<Path> named = new ArrayList<>();

    /** All logs; each is at least a directory that may be a log. */
    public List<Path> all() throws IOException {
        List<Path> logs = new ArrayList<>();
        for (Path directory : named) {
            logs.addAll(LogDirectories.find(directory));
        }
        return logs;
    }

    /** All logs, to look up single records. If a long log's index is incomplete, it is completed first, if it can be written. */
    List<Path> indexed() throws IOException {
        List<Path> logs = all();
        for (Path log : logs) {
            LogReader.index(log);
        }
        return logs;
    }

    /** The log with the decision, and the decision's records. */
    Found of(String decision) throws IOException {
        List<Path> logs = indexed();
        for (Path log : logs) {
            List<LogReader.Entry> entries = new LogReader(log).decision(decision);
            if (!entries.isEmpty()) {
                return new Found(log, entries);
            }
        }
        throw new UnusableLogException(logs.stream().map(Path::toString).collect(Collectors.joining(", ")) + ": no"
                + " decision " + decision + " in " + (logs.size() == 1 ? "this log" : "these logs"));
    }

    /**
     * The log in which a decision was found.
     *
     * @param entries the decision's record and, if there is one, the record of its outcome
     */
    record Found(Path log, List<LogReader.Entry> entries) {
        Found {
            entries = List.copyOf(entries);
        }
    }
}
