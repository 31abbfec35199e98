package dev.errand.it;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;

/** The bounded wait for a real server. A server that does not come up is told in one line. */
final class Startup {
    private static final int LOOK_MILLIS = 100;
    private static final int WORDS = 400;
    /** What a Go server says before it ends: klog's errors and fatal ones, or JSON of such a level. */
    private static final Pattern FAULT = Pattern.compile("^[EF]\\d{4} .*|.*\"level\":\"(error|fatal)\".*|.*panic: .*");

    private Startup() {}

    /** Waits until a server is ready; it is still to be closed by the caller where it is not. */
    static void await(String name, ServerProcess process, Path output, Duration limit, BooleanSupplier ready) {
        long begun = System.nanoTime();
        while (!ready.getAsBoolean()) {
            long seconds = Duration.ofNanos(System.nanoTime() - begun).toSeconds();
            if (!process.isAlive()) {
                throw new AssertionError(name + " ended after " + seconds + " s: " + fault(process.said()));
            } else if (seconds >= limit.toSeconds()) {
                throw new AssertionError(
                        name + " is not ready after " + seconds + " s (" + output + "): " + fault(process.said()));
            }
            try {
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** The line that tells what went wrong; the last one where none does. */
    static String fault(String said) {
        List<String> lines = said.lines().filter(line -> !line.isBlank()).toList();
        List<String> faults =
                lines.stream().filter(line -> FAULT.matcher(line).matches()).toList();
        List<String> from = faults.isEmpty() ? lines : faults;
        String line = from.isEmpty() ? "it said nothing" : from.get(from.size() - 1);
        return line.length() > WORDS ? line.substring(0, WORDS) + "…" : line;
    }
}
