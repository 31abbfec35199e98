package dev.errand.dependencies;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One jar that a module ships.
 *
 * @param classifier {@code ""} for the main jar
 */
public record ShippedLibrary(String group, String artifact, String classifier, String version) {
    /** Where the build writes the libraries of the module whose tests run ({@code dependency:list}). */
    public static final Path LIST = Path.of("target/shipped-libraries.txt");

    private static final Pattern LINE = Pattern.compile(
            "\\s+([\\w.-]+):([\\w.-]+):jar:(?:([\\w.-]+):)?([\\w.+-]+):(?:compile|runtime)(?:[^\\w].*)?");

    /** Reads the list of the module, without our own modules. */
    public static List<ShippedLibrary> ofThisModule() {
        try {
            return Files.readAllLines(LIST).stream()
                    .map(line -> line.replaceAll("\u001b\\[[0-9;]*m", ""))
                    .map(LINE::matcher)
                    .filter(Matcher::matches)
                    .map(line -> new ShippedLibrary(
                            line.group(1), line.group(2), line.group(3) == null ? "" : line.group(3), line.group(4)))
                    .filter(library -> !library.group.equals("dev.errand"))
                    .toList();
        } catch (IOException e) {
            throw new IllegalStateException(LIST + " is written by ./mvnw generate-test-resources", e);
        }
    }

    /** {@code group:artifact}. */
    public String key() {
        return group + ":" + artifact;
    }

    /** The name of its file. */
    public String file() {
        return artifact + "-" + version + (classifier.isEmpty() ? "" : "-" + classifier) + ".jar";
    }
}
