package dev.errand.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The configuration that a command is given.
 *
 * @param directory holds {@code application.yaml}
 * @param properties Spring properties as {@code --name=value}
 */
record ConfigurationDirectory(Path directory, List<String> properties) {
    public ConfigurationDirectory {
        properties = List.copyOf(properties);
    }

    /** Why the configuration cannot be read, or null. */
    public @Nullable String wrong() {
        for (String property : properties) {
            if (!property.matches("(?s)--[^=]+=.*")) {
                return "'" + property + "' is no property: write --name=value";
            }
        }
        if (!Files.isDirectory(directory)) {
            return directory + " is no directory: name the one that holds application.yaml, operations/ and tasks/";
        }
        if (!Files.isRegularFile(directory.resolve("application.yaml"))) {
            return directory.resolve("application.yaml")
                    + " does not exist: name the directory that holds it, operations/ and tasks/";
        }
        return null;
    }

    /** The exit code of {@link #wrong}: 2 for words that are no properties, as for any usage error; 1 for no such directory. */
    public int exitCode() {
        return properties.stream().allMatch(property -> property.matches("(?s)--[^=]+=.*")) ? 1 : 2;
    }

    public Map<String, Object> overrides() {
        Map<String, Object> overrides = new TreeMap<>();
        for (String property : properties) {
            int equals = property.indexOf('=');
            overrides.put(property.substring(2, equals), property.substring(equals + 1));
        }
        return overrides;
    }
}
