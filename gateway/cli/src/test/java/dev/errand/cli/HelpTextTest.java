package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Checkout;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The written help and the completions name every command, each in one whole line. */
class HelpTextTest {
    /** The commands, with those of the companion. */
    private static Set<String> commands() {
        Set<String> names = new TreeSet<>(Errand.commandLine().getSubcommands().keySet());
        names.add("agent");
        names.add("mcp-serve");
        return names;
    }

    private static String printed(String... words) {
        StringWriter out = new StringWriter();
        assertThat(Errand.commandLine().setOut(new PrintWriter(out, true)).execute(words))
                .isZero();
        return out.toString();
    }

    @Test
    void help_hasEveryCommandOnce_inOneWholeLine() {
        String help = HelpText.read("help.txt");
        Set<String> named = new TreeSet<>();
        Matcher line = Pattern.compile("(?m)^  ([a-z][a-z-]*) {2,}(\\S.*)$").matcher(help);
        while (line.find()) {
            assertThat(named.add(line.group(1))).as(line.group(1)).isTrue();
            assertThat(line.group(2)).endsWith(".");
        }
        assertThat(named).isEqualTo(commands());
        assertThat(help.lines()).allMatch(each -> each.length() <= 100);
    }

    @Test
    void help_ofTheJar_isTheSame_andThatOfACommandIsItsOwn() {
        assertThat(printed("--help")).isEqualTo(HelpText.read("help.txt"));
        assertThat(printed()).isEqualTo(HelpText.read("help.txt"));
        assertThat(printed("check", "--help")).contains("--operations", "--config");
    }

    /** The options of each command, by its words. */
    private static Map<String, Set<String>> options() throws IOException {
        Map<String, Set<String>> all = new TreeMap<>();
        Errand.commandLine().getSubcommands().forEach((name, command) -> {
            all.put(name, options(command));
            command.getSubcommands().forEach((below, its) -> all.put(name + " " + below, options(its)));
        });
        // The companion is no library of this module: its options stand in its sources.
        all.put("agent", options("StartOptions", "ListenOptions", "AgentCommand"));
        all.put("mcp-serve", options("McpServe"));
        return all;
    }

    private static Set<String> options(CommandLine command) {
        Set<String> names = new TreeSet<>();
        command.getCommandSpec().options().forEach(option -> names.addAll(List.of(option.names())));
        names.removeIf(name -> !name.startsWith("--"));
        return names;
    }

    private static Set<String> options(String... classes) throws IOException {
        Set<String> names = new TreeSet<>(Set.of("--help", "--version"));
        for (String each : classes) {
            Matcher option = Pattern.compile("names = (?:\\{\"-.\", )?\"(--[a-z-]+)\"")
                    .matcher(Files.readString(Checkout.path("agent/src/main/java/dev/errand/agent/" + each + ".java")));
            while (option.find()) {
                names.add(option.group(1));
            }
        }
        return names;
    }

    private static String options(String shell, Map<String, Set<String>> all) {
        StringBuilder text = new StringBuilder();
        all.forEach((words, names) -> {
            String[] parts = words.split(" ");
            String joined = String.join(" ", names);
            text.append(
                    switch (shell) {
                        case "bash" -> "    \"" + words + "\") words=\"" + joined + "\" ;;\n";
                        case "zsh" -> "    \"" + words + "\") compadd -- " + joined + " ;;\n";
                        default ->
                            "complete -c errand -n \"__fish_seen_subcommand_from "
                                    + (parts.length == 1
                                            ? words
                                            : parts[0] + "; and __fish_seen_subcommand_from " + parts[1])
                                    + "\" -l " + joined.replace("--", "").replace(" ", " -l ") + "\n";
                    });
        });
        return text.toString();
    }

    /** With {@code -Derrand.renew=true} it writes the options again, between the two marks. */
    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh", "fish"})
    void completion_namesEveryCommand_andEveryOption(String shell) throws IOException {
        Path file = Checkout.path("gateway/cli/src/main/resources/dev/errand/cli/completion." + shell);
        String script = Files.readString(file);
        int from = script.indexOf("options\n", script.indexOf("# begin")) + "options\n".length();
        int to = script.lastIndexOf('\n', script.indexOf("# end of the options")) + 1;
        String now = script.substring(0, from) + options(shell, options()) + script.substring(to);
        if (Boolean.getBoolean("errand.renew")) {
            Files.writeString(file, now);
        } else {
            assertThat(script).isEqualTo(now);
            assertThat(printed("completion", shell)).isEqualTo(script);
        }
        for (String name : commands()) {
            assertThat(script).containsPattern("[ \"]" + Pattern.quote(name) + "[ \"]");
        }
        for (CommandLine below : Errand.commandLine().getSubcommands().values()) {
            for (String name : below.getSubcommands().keySet()) {
                assertThat(script)
                        .as(below.getCommandName())
                        .containsPattern("[ \"]" + Pattern.quote(name) + "[ \";)\n]");
            }
        }
    }

    /** Bash itself completes them. */
    @ParameterizedTest
    @CsvSource({
        "errand check --op,--operations",
        "errand token start --pur,--purpose",
        "errand agent --as,--ask",
        "errand tok,token"
    })
    void bash_completes(String line, String word) throws Exception {
        String[] words = line.split(" ");
        Process bash = new ProcessBuilder(
                        "bash",
                        "-c",
                        "source '" + Checkout.path("gateway/cli/src/main/resources/dev/errand/cli/completion.bash")
                                + "'; COMP_WORDS=(" + line + "); COMP_CWORD=" + (words.length - 1)
                                + "; _errand; echo \"${COMPREPLY[@]}\"")
                .redirectErrorStream(true)
                .start();
        assertThat(new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip())
                .isEqualTo(word);
    }
}
