package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import dev.errand.config.Fault;
import dev.errand.config.Faults;
import dev.errand.config.Position;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.boot.origin.TextResourceOrigin;

/**
 * Adds each fault at its place: at a key of {@code application.yaml}, unless the message begins with a place of its
 * own. Not thread-safe.
 */
record FaultPlaces(Path directory, SpringYaml yaml, Faults faults) {
    private static final Pattern LOCATED = Pattern.compile("(.*?):(\\d+):(\\d+): (.*)", Pattern.DOTALL);

    /** Runs a check, and adds the faults that it throws. */
    void at(String path, Runnable check) {
        try {
            check.run();
        } catch (ConfigurationException e) {
            e.lines().forEach(line -> faults.add(located(yaml, path, relative(line))));
        } catch (IllegalArgumentException e) {
            faults.add(located(yaml, path, relative(String.valueOf(e.getMessage()))));
        }
    }

    /** Adds a warning at a key of {@code application.yaml}. */
    void warn(String path, String message) {
        faults.warn(yaml.at(path), message);
    }

    /** The bound value; null, with a fault, if the binding fails. */
    <T> @Nullable T bind(String path, Supplier<T> binding) {
        try {
            return binding.get();
        } catch (BindException e) {
            Throwable cause = e;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            Origin origin = e.getProperty() == null ? null : e.getProperty().getOrigin();
            faults.add(of(origin, path), "'" + e.getName() + "' cannot be read: " + cause.getMessage());
            return null;
        }
    }

    /** The place of a value that Spring read from a file, else that of the key. */
    private Position of(@Nullable Origin origin, String path) {
        if (!(file(origin) instanceof TextResourceOrigin text) || text.getLocation() == null) {
            return yaml.at(path);
        }
        String file = text.getResource() == null ? null : text.getResource().getFilename();
        return new Position(
                file == null ? SpringYaml.FILE : file,
                text.getLocation().getLine() + 1,
                text.getLocation().getColumn() + 1);
    }

    /** The origin in a file, if the value has one. */
    private static @Nullable Origin file(@Nullable Origin origin) {
        return origin instanceof PropertySourceOrigin source ? source.getOrigin() : origin;
    }

    /** Adds a fault for each unknown key that stands elsewhere than in the file, whose own keys are checked before. */
    void unknown(List<ConfigurationProperty> properties) {
        for (ConfigurationProperty property : properties) {
            Position at = of(property.getOrigin(), "errand");
            String fault = PropertyKeys.unknown(property.getName());
            boolean given = !(file(property.getOrigin()) instanceof TextResourceOrigin);
            if (fault != null && (given || !at.file().equals(SpringYaml.FILE))) {
                faults.add(at, given ? "--" + property.getName() + ": " + fault : fault);
            }
        }
    }

    /** Adds a fault for each required key that the value lacks; whether there is one. */
    boolean lacks(String path, @Nullable Object bound) {
        List<String> missing = PropertyKeys.missing(path, bound).toList();
        missing.forEach(key -> {
            int end = key.lastIndexOf('.');
            faults.add(
                    yaml.at(key), "missing key '" + key.substring(end + 1) + "' under '" + key.substring(0, end) + "'");
        });
        return !missing.isEmpty();
    }

    /** Adds a fault for each entry whose name an earlier entry has: only one of them could take effect. */
    void twice(String path, Stream<String> names) {
        List<String> list = names.toList();
        for (int i = 0; i < list.size(); i++) {
            if (list.indexOf(list.get(i)) < i) {
                faults.add(yaml.at(path + "[" + i + "]"), "'" + list.get(i) + "' has an entry already: remove one");
            }
        }
    }

    /** The fault. A message that begins with a place of its own keeps it; any other is placed at the key. */
    static Fault located(@Nullable SpringYaml yaml, String path, String message) {
        Matcher own = LOCATED.matcher(message);
        if (own.matches() && !own.group(1).contains(" ")) {
            return new Fault(
                    own.group(1), Integer.parseInt(own.group(2)), Integer.parseInt(own.group(3)), own.group(4));
        }
        return Fault.of(yaml == null ? new Position(SpringYaml.FILE, 1, 1) : yaml.at(path), message);
    }

    /** The text without the path of the directory. */
    String relative(String text) {
        return relative(directory, text);
    }

    /** The text without the path of the directory, and without the key that the place names already. */
    static String relative(Path directory, String text) {
        return text.replace(directory + "/", "").replaceFirst("^errand\\.[a-z.-]+: ", "");
    }
}
