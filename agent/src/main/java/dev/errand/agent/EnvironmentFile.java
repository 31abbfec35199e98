package dev.errand.agent;

import dev.errand.holder.AgentException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Map;

/**
 * The file with the variables for a program that the companion did not start: a line {@code export NAME='value'} for
 * each variable, as a shell reads it. The file has mode 0600 from the beginning, and appears whole or not at all.
 * Closing removes it, unless another companion replaced it. A file that a killed companion left is replaced. Any other
 * file stays, and is a fault. Where the file is read, a list of hosts without a proxy and files of trusted authorities
 * may be set already: the list is extended, and those files stay.
 */
final class EnvironmentFile implements AutoCloseable {
    private static final String FIRST = "export ERRAND_AGENT='";

    private final Path path;
    private final byte[] content;

    private EnvironmentFile(Path path, byte[] content) {
        this.path = path;
        this.content = content;
    }

    /**
     * Checks before anything is started that the file can be written.
     *
     * @throws AgentException if it cannot, or another file is there
     */
    public static void check(Path path) {
        if (path.toString().isEmpty()) {
            throw new AgentException("--environment must name a file");
        }
        Path absolute = path.toAbsolutePath();
        Path folder = folder(absolute);
        if (!Files.isDirectory(folder)) {
            throw new AgentException("--environment " + path + " cannot be written: there is no folder " + folder);
        }
        try {
            checkPlace(path, absolute);
            // The permissions of a folder may allow a file that then cannot be made.
            Files.delete(temporary(absolute));
        } catch (IOException e) {
            throw cannotBeWritten(path, e);
        }
    }

    private static Path folder(Path absolute) {
        Path folder = absolute.getParent();
        return folder == null ? absolute : folder;
    }

    private static Path temporary(Path absolute) throws IOException {
        return Files.createTempFile(folder(absolute), ".errand-", ".env");
    }

    private static AgentException cannotBeWritten(Path path, IOException why) {
        return new AgentException("--environment " + path + " cannot be written: " + why.getMessage());
    }

    private static void checkPlace(Path path, Path absolute) throws IOException {
        if (Files.exists(absolute, LinkOption.NOFOLLOW_LINKS) && !isLeftOver(absolute)) {
            throw new AgentException("--environment " + path + ": it is there already");
        }
    }

    /**
     * Writes the file.
     *
     * @throws AgentException if it cannot be written, or another file is there
     */
    public static EnvironmentFile write(Path path, Map<String, String> variables) {
        Path absolute = path.toAbsolutePath();
        byte[] content = text(variables).getBytes(StandardCharsets.UTF_8);
        try {
            checkPlace(path, absolute);
            Path whole = temporary(absolute);
            try {
                Files.write(whole, content);
                Files.move(whole, absolute, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(whole);
            }
        } catch (IOException e) {
            throw cannotBeWritten(path, e);
        }
        return new EnvironmentFile(absolute, content);
    }

    private static boolean isLeftOver(Path path) throws IOException {
        return Arrays.equals(beginning(path, FIRST.length()), FIRST.getBytes(StandardCharsets.UTF_8));
    }

    /** The first bytes of a file, at most so many; none if it is no regular file. */
    private static byte[] beginning(Path path, int most) throws IOException {
        if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            return new byte[0];
        }
        try (InputStream in = Files.newInputStream(path, LinkOption.NOFOLLOW_LINKS)) {
            return in.readNBytes(most);
        }
    }

    /** The content. ERRAND_AGENT is in the first line. */
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
        String quoted = "'" + value.replace("'", "'\\''") + "'";
        if (CommandVariables.UNPROXIED.contains(name)) {
            return "export " + name + "=\"${" + name + ":+$" + name + ",}" + CommandVariables.LOCAL + "\"\n";
        }
        if (AuthorityFiles.names(name)) {
            return "[ -r \"${" + name + ":-}\" ] || export " + name + "=" + quoted + "\n";
        }
        return "export " + name + "=" + quoted + "\n";
    }

    /** The absolute path of the file. */
    public Path path() {
        return path;
    }

    @Override
    public void close() {
        try {
            if (Arrays.equals(beginning(path, content.length + 1), content)) {
                Files.deleteIfExists(path);
            }
        } catch (IOException left) {
            // The secrets in the file open nothing any more.
        }
    }
}
