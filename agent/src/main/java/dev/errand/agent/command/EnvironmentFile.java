package dev.errand.agent.command;

import dev.errand.holder.AgentException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

/**
 * The file in which a program that the companion did not start finds what COMMAND would be given: a line
 * {@code export NAME='value'} for each variable, as a shell reads it. It has the mode 0600 from the beginning, is there whole or
 * not at all, and goes when it is closed. One that a killed companion left is replaced; any other file stays, and is a fault.
 */
public final class EnvironmentFile implements AutoCloseable {
    private static final String FIRST = "export ERRAND_AGENT='";

    private final Path path;

    private EnvironmentFile(Path path) {
        this.path = path;
    }

    /**
     * Writes it.
     *
     * @throws AgentException if it cannot be written, or something else is there
     */
    public static EnvironmentFile write(Path path, Map<String, String> variables) {
        Path absolute = path.toAbsolutePath();
        try {
            if (Files.exists(absolute, LinkOption.NOFOLLOW_LINKS) && !isLeftOver(absolute)) {
                throw new AgentException("--environment " + path + ": it is there already");
            }
            Path folder = absolute.getParent();
            Path whole = Files.createTempFile(folder == null ? Path.of("/") : folder, ".errand-", ".env");
            try {
                Files.writeString(whole, text(variables));
                Files.move(whole, absolute, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(whole);
            }
        } catch (IOException e) {
            throw new AgentException("--environment " + path + " cannot be written: " + e.getMessage());
        }
        return new EnvironmentFile(absolute);
    }

    private static boolean isLeftOver(Path path) throws IOException {
        if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        try (InputStream in = Files.newInputStream(path)) {
            return new String(in.readNBytes(FIRST.length()), StandardCharsets.UTF_8).equals(FIRST);
        }
    }

    /** ERRAND_AGENT is the first line. */
    static String text(Map<String, String> variables) {
        StringBuilder text = new StringBuilder(line("ERRAND_AGENT", variables.getOrDefault("ERRAND_AGENT", "")));
        variables.forEach((name, value) -> {
            if (!name.equals("ERRAND_AGENT")) {
                text.append(line(name, value));
            }
        });
        return text.toString();
    }

    private static String line(String name, String value) {
        return "export " + name + "='" + value.replace("'", "'\\''") + "'\n";
    }

    /** Where it is. */
    public Path path() {
        return path;
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException left) {
            // The secrets in it open nothing any more.
        }
    }
}
