package dev.errand.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.core.io.ClassPathResource;

/** The console's own files: what is served is what is asked for, and no text of the gateway's state can become markup. */
class ConsoleFilesTest {
    private static final Pattern IMPORT = Pattern.compile("from '\\./([a-z-]+)\\.js'");

    private static String read(String file) throws IOException {
        return new ClassPathResource("console/" + file).getContentAsString(StandardCharsets.UTF_8);
    }

    static List<String> modules() {
        return Console.MODULES;
    }

    @Test
    void modules_areThoseThatAreAskedFor() throws IOException {
        Set<String> asked = new TreeSet<>(Set.of("console"));
        for (String module : Console.MODULES) {
            Matcher matcher = IMPORT.matcher(read(module + ".js"));
            while (matcher.find()) {
                asked.add(matcher.group(1));
            }
        }
        assertThat(new TreeSet<>(Console.MODULES)).isEqualTo(asked);
    }

    /** The one place that makes a text node, and the two that write an attribute or a node's data, escape what they are given. */
    @ParameterizedTest
    @MethodSource("modules")
    void texts_areMadePrintable_andNeverMarkup(String module) throws IOException {
        String script = read(module + ".js");
        // The second secret of a session is the only thing that stays when a tab is closed.
        assertThat(script.replaceAll("localStorage\\.[a-z]+Item\\(SECRET", ""))
                .doesNotContain(
                        "innerHTML",
                        "outerHTML",
                        "insertAdjacentHTML",
                        "document.write",
                        "DOMParser",
                        "srcdoc",
                        "eval(",
                        "Function(",
                        "innerText",
                        "textContent =",
                        "localStorage.",
                        "document.cookie");
        List<String> sinks = new ArrayList<>();
        script.lines()
                .filter(line ->
                        line.contains("createTextNode(") || line.contains("setAttribute(") || line.contains(".data = "))
                .filter(line -> !line.contains("printable("))
                .map(String::strip)
                .forEach(sinks::add);
        assertThat(sinks).allMatch(line -> line.contains("setAttribute('aria-"));
    }

    @Test
    void files_nameNothingElsewhere() throws IOException {
        List<String> files = new ArrayList<>(List.of("console.html", "console.css"));
        Console.MODULES.forEach(module -> files.add(module + ".js"));
        for (String file : files) {
            assertThat(read(file).replaceAll("placeholder: '[^']*'", ""))
                    .as(file)
                    .doesNotContain("http://", "https://", "//cdn", "@import", "url(", " style=", " onclick=");
        }
    }
}
