package dev.errand.it;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code errand check --credentials} in a process of its own, beside a gateway that runs. */
final class ServerCheck {
    private ServerCheck() {}

    static ServerProcess.Outcome credentials(Path directory, List<String> properties)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.errand.cli.Errand",
                "check",
                "--credentials",
                "--config",
                directory.toString()));
        command.addAll(properties);
        return ServerProcess.end(new ProcessBuilder(command), "");
    }
}
