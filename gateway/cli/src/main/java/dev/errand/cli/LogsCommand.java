package dev.errand.cli;

import dev.errand.json.Printable;
import dev.errand.offline.replay.UnreadableRecordException;
import java.io.PrintWriter;
import picocli.CommandLine.Mixin;

/** A command that reads logs. Bad input of any kind is reported on standard error, line by line, with exit code 2. */
abstract class LogsCommand extends CliCommand {
    @Mixin
    private LogOption logs = new LogOption();

    /** Does the command's work. Returns the exit code. */
    abstract int run(LogOption logs, PrintWriter out, PrintWriter err) throws BadInputException;

    @Override
    public final Integer call() {
        PrintWriter out = out();
        PrintWriter err = err();
        try {
            return run(logs, out, err);
        } catch (BadInputException e) {
            e.lines().forEach(line -> err.println(Printable.line(line)));
            return 2;
        } catch (UnreadableRecordException e) {
            err.println(Printable.line(e.getMessage()));
            return 2;
        } finally {
            out.flush();
            err.flush();
        }
    }
}
