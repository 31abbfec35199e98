package dev.errand;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The modules and packages of the product, as they are compiled and as CONTRIBUTING.md lists them. */
final class House {
    /** The main classes of all modules. */
    static final JavaClasses CLASSES = new ClassFileImporter()
            .importPaths(Checkout.MODULES.stream()
                    .map(module -> Checkout.path(module + "/target/classes"))
                    .collect(Collectors.toList()));

    private static final Pattern MODULE = Pattern.compile(
            "\\| `([a-z/]+)` \\| `(errand-[a-z]+)` \\| ([`a-z.0-9, ]+) \\| (?:`([a-z/]+)`(?:, `([a-z/]+)`)?)? ?\\|");

    private House() {}

    /**
     * A module of the table.
     *
     * @param uses the folders of the modules that it names in its pom; theirs come with them
     */
    record Module(String folder, String artifact, List<String> uses) {}

    /** The table of modules. */
    static List<Module> modules() {
        List<Module> modules = new ArrayList<>();
        for (String line : page()) {
            Matcher row = MODULE.matcher(line);
            if (row.matches()) {
                List<String> uses = new ArrayList<>();
                for (int i = 4; i <= row.groupCount(); i++) {
                    if (row.group(i) != null) {
                        uses.add(row.group(i));
                    }
                }
                modules.add(new Module(row.group(1), row.group(2), uses));
            }
        }
        return modules;
    }

    /** The packages in the table: the whole name of each, in order, with its module. */
    static Map<String, String> packages() {
        Map<String, String> packages = new LinkedHashMap<>();
        for (String line : page()) {
            Matcher row = MODULE.matcher(line);
            if (row.matches()) {
                for (String name : row.group(3).replace("`", "").split(", ")) {
                    packages.put("dev.errand." + name, row.group(1));
                }
            }
        }
        return packages;
    }

    private static List<String> page() {
        return lines(Checkout.path("CONTRIBUTING.md"));
    }

    static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
