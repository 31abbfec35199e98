package dev.errand.cli.dev;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** How the {@code errand} command is called from a folder, so that printed commands can be pasted there. */
final class OwnName {
    /** The system property in which the script {@code errand} passes its own folder. */
    private static final String HOME = "errand.home";

    private OwnName() {}

    /** The command as called from the working directory. */
    static String here() {
        return from(Path.of(""), System.getProperty(HOME));
    }

    /**
     * The command as called from that folder: {@code ./errand} in the script's own folder, elsewhere the script's path;
     * {@code errand} if no script started this process.
     */
    static String from(Path folder, @Nullable String home) {
        Path script =
                Path.of(home == null ? "" : home, "errand").toAbsolutePath().normalize();
        if (home == null || !Files.isExecutable(script)) {
            return "errand";
        }
        return folder.toAbsolutePath().normalize().equals(script.getParent()) ? "./errand" : quoted(script.toString());
    }

    /** The path, quoted so that a shell reads it as one word. */
    private static String quoted(String path) {
        return path.matches("[A-Za-z0-9/._+-]+") ? path : "'" + path.replace("'", "'\\''") + "'";
    }
}
