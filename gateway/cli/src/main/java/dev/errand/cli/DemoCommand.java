package dev.errand.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code errand demo}: one agent task, end to end, on this machine. Exit 0 only if every scene went as announced. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "Plays one agent task through a real gateway, on this machine and with nothing installed but Java:",
            "an embedded Redis, stand-ins for three upstreams, and an identity provider made for the occasion."
        })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
final class DemoCommand extends CliCommand {
    @Option(names = "--keep", description = "Leave everything running, and print a curl that works.")
    private boolean keep;

    @Option(names = "--verbose", description = "Show the gateway's own log too.")
    private boolean verbose;

    @Override
    public Integer call() {
        var out = out();
        var err = err();
        String home = System.getProperty("errand.home");
        boolean coloured = System.console() != null && System.getenv("NO_COLOR") == null;
        Demonstration.Running demo = null;
        boolean left = false;
        try {
            Demonstration demonstration = DemoJar.demonstration();
            out.println("errand demo: starting Redis, three upstreams and the gateway ...");
            out.flush();
            demo = demonstration.start(
                    new Demonstration.Stage(home == null ? null : Path.of(home), verbose, out, coloured));
            out.println("The gateway listens at " + demo.address() + ".");
            List<String> faults = demo.play();
            out.println();
            if (faults.isEmpty()) {
                out.println("Every scene went as told.");
                if (keep) {
                    demo.keep(command(home));
                    left = true;
                    return Errand.RUNNING;
                }
                return 0;
            }
            faults.forEach(fault -> err.println("errand demo: " + fault));
            return 1;
        } catch (IOException e) {
            err.println("errand demo: " + ProveCommand.reason(e));
            return 1;
        } catch (RuntimeException failure) {
            StartFailure.explain(failure).forEach(line -> err.println("errand demo: " + line));
            return 1;
        } finally {
            if (demo != null && !left) {
                demo.close();
            }
        }
    }

    /** How a shell runs errand: by its script, else by this process's jar. */
    private static String command(@Nullable String home) {
        return home == null
                ? "java -jar " + Path.of(System.getProperty("java.class.path")).toAbsolutePath()
                : Path.of(home).resolve("errand").toString();
    }
}
