package dev.errand.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.autoconfigure.ConfigurationCheck;
import dev.errand.autoconfigure.ErrandProperties;
import dev.errand.config.Fault;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Name;

/** What README and docs show of a configuration loads, and README's table has every key. */
class DocumentationTest {
    private static final Path REPOSITORY = Path.of("..");
    private static final Pattern YAML = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);

    @TempDir
    private Path directory;

    @BeforeEach
    void files() throws IOException {
        for (String name : List.of("operations", "tasks", "credentials")) {
            Files.createDirectory(directory.resolve(name));
        }
        for (String name : List.of("idp.jwks", "example.org.json")) {
            Files.copy(REPOSITORY.resolve("config").resolve(name), directory.resolve(name));
        }
        for (String name : List.of("tickets-token", "redis", "collector", "soc")) {
            Files.writeString(directory.resolve("credentials").resolve(name), "secret");
        }
        Files.writeString(directory.resolve("kafka.properties"), "compression.type=lz4\n");
    }

    private static String read(String page) throws IOException {
        return Files.readString(REPOSITORY.resolve(page));
    }

    /** All pages of a directory, one behind the other. */
    private static String pages(String directory) throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> pages = Files.list(REPOSITORY.resolve(directory))) {
            for (Path page : pages.sorted().toList()) {
                all.append(Files.readString(page));
            }
        }
        return all.toString();
    }

    private static List<String> yaml(String page) throws IOException {
        List<String> blocks = new ArrayList<>();
        Matcher matcher = YAML.matcher(read(page));
        while (matcher.find()) {
            blocks.add(matcher.group(1));
        }
        return blocks;
    }

    private List<String> faults(String more) throws IOException {
        List<String> example = yaml("README.md").stream()
                .filter(block -> block.startsWith("# errand/"))
                .toList();
        assertThat(example).hasSize(3);
        Files.writeString(directory.resolve("application.yaml"), example.get(0) + more);
        Files.writeString(directory.resolve("operations/tickets.yaml"), example.get(1));
        Files.writeString(directory.resolve("tasks/triage.yaml"), example.get(2));
        return ConfigurationCheck.check(directory, Map.of()).faults().stream()
                .map(Fault::toString)
                .toList();
    }

    @Test
    void readme_example_isWithoutFault() throws IOException {
        assertThat(faults("")).isEmpty();
    }

    @Test
    void sinksPage_example_isWithoutFault() throws IOException {
        String block = yaml("docs/sinks.md").get(0);
        assertThat(block).startsWith("errand:\n");
        assertThat(faults(block.substring("errand:\n".length()))).isEmpty();
    }

    @Test
    void readme_table_hasEveryKey() throws IOException {
        List<String> missing = new ArrayList<>();
        Map<String, String> pages = Map.of("sinks", read("docs/sinks.md"), "upstreams", pages("docs/credentials"));
        keys("errand", ErrandProperties.class, read("README.md"), pages, missing);
        // Where the configuration lies is no key that it holds.
        assertThat(missing).containsExactly("errand.directory");
    }

    private static void keys(
            String path, Class<?> type, String readme, Map<String, String> pages, List<String> missing) {
        for (RecordComponent component : type.getRecordComponents()) {
            String key = path + "." + kebab(component);
            Class<?> element = element(component.getGenericType());
            if (component.getType().isRecord()) {
                keys(key, component.getType(), readme, pages, missing);
                continue;
            }
            Matcher row = Pattern.compile("(?m)^\\| `" + Pattern.quote(key) + "(\\[]|\\.<name>)?` \\|.*$")
                    .matcher(readme);
            if (!row.find()) {
                missing.add(key);
            } else if (element.isRecord()) {
                members(
                        key,
                        element,
                        row.group() + pages.getOrDefault(key.substring(key.lastIndexOf('.') + 1), ""),
                        missing);
            }
        }
    }

    private static void members(String path, Class<?> type, String told, List<String> missing) {
        for (RecordComponent component : type.getRecordComponents()) {
            String key = kebab(component);
            if (!Pattern.compile("(?<![a-z-])" + key + "(?![a-z-])")
                    .matcher(told)
                    .find()) {
                missing.add(path + "." + key);
            }
            if (component.getType().isRecord()) {
                members(path + "." + key, component.getType(), told, missing);
            }
        }
    }

    /** What a list or map holds, else the type itself. */
    private static Class<?> element(Type type) {
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            return element(arguments[arguments.length - 1]);
        }
        return (Class<?>) type;
    }

    private static String kebab(RecordComponent component) {
        try {
            Name other = component
                    .getDeclaringRecord()
                    .getDeclaredField(component.getName())
                    .getAnnotation(Name.class);
            return other == null
                    ? component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT)
                    : other.value();
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException("each component has its field", e);
        }
    }
}
