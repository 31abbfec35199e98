package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Checkout;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** What all commands have in common. */
class ErrandTest {
    static Stream<String> commands() {
        List<String> names = new ArrayList<>();
        collect("", Errand.commandLine(), names);
        return names.stream();
    }

    private static void collect(String before, CommandLine command, List<String> names) {
        command.getSubcommands().forEach((name, one) -> {
            names.add(before + name);
            collect(before + name + " ", one, names);
        });
    }

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... words) {
        return Errand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(words);
    }

    @ParameterizedTest
    @MethodSource("commands")
    void help_isThere(String command) {
        assertThat(run((command + " --help").split(" "))).as(err.toString()).isZero();
        assertThat(out.toString()).startsWith("Usage: errand " + command);
    }

    @ParameterizedTest
    @MethodSource("commands")
    void unknownOption_isAUsageError(String command) {
        assertThat(run((command + " --no-such-thing").split(" "))).isEqualTo(2);
        assertThat(err.toString()).doesNotContain("Exception", "\tat ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "chekc --config mine|errand: there is no command 'chekc'; did you mean 'check'?; `errand --help` lists all",
                "interrupt --all|errand: there is no command 'interrupt'; `errand --help` lists all",
                "agent --ask|errand: 'agent' is a command of the companion, a program of its own: run it by the script"
            })
    void unknownCommand_isToldInOneLine(String words, String told) {
        assertThat(run(words.split(" "))).isEqualTo(2);
        assertThat(err.toString()).startsWith(told).hasLineCount(1);
    }

    @Test
    void page_hasEveryCommand() throws IOException {
        String page = Files.readString(Checkout.path("docs/commands.md"));
        assertThat(commands().filter(name -> !name.contains(" ")))
                .isNotEmpty()
                .allMatch(name -> page.contains("| `./errand " + name));
    }
}
