package dev.errand.cli;

import dev.errand.json.Durations;
import java.io.PrintWriter;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that bounds the time of a proof. */
final class TimeLimit {
    @Option(
            names = "--limit",
            paramLabel = "TIME",
            description = "How long to look at one template, such as 30s. Default: 60s.")
    private String limit = "60s";

    /** The time; null, after a line that says what is wrong. */
    @Nullable Duration time(PrintWriter err) {
        Duration time = Durations.parse(limit);
        if (time == null || time.isZero()) {
            err.println("--limit is a duration such as 30s or 5m, found '" + limit + "'");
            return null;
        }
        return time;
    }
}
