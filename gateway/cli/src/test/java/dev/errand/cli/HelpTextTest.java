package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh", "fish"})
    void completion_namesEveryCommand_andTheirOwnCommands(String shell) {
        String script = printed("completion", shell);
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
}
