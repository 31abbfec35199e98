package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Checkout;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What {@code errand check} says of the reactions of a template that end a task. */
class EndingReactionsTest {
    private static final String TEMPLATE = """
        template: work
        agents: ["spiffe://dev.invalid/agent/triage"]
        humans: {claim: groups, any: [support]}
        lifetime: 15m
        allow: {"tickets:ticket.read": {}, "tickets:ticket.comment": {}}
        """;

    @TempDir
    private Path directory;

    private String check() {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exit = new CommandLine(new CheckCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute("--config", directory.resolve("mine").toString());
        assertThat(exit).as(err.toString()).isZero();
        return out.toString();
    }

    private List<String> said(String more) throws IOException {
        Path mine = directory.resolve("mine");
        int exit = Errand.commandLine()
                .setOut(new PrintWriter(new StringWriter()))
                .execute("init", "--dev", mine.toString());
        assertThat(exit).isZero();
        Files.writeString(mine.resolve("tasks/work.yaml"), TEMPLATE + more);
        return check().lines()
                .filter(line -> line.contains(" a task"))
                .map(String::strip)
                .toList();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        ``                                                                       | ends a task: 5 refusals within 1m (repeated)
        `sequence: ["tickets:ticket.read"]\n`                                    | ends a task: 1 refusal by sequence; 5 refusals within 1m (repeated)
        `rules: [{bounded: "tickets:ticket.read", at-most: 3}]\n`                | ends a task: 1 refusal by rule; 5 refusals within 1m (repeated)
        `on-violation: {repeated: {denials: 1, within: 90s}}\n`                  | ends a task: 1 refusal within 90s (repeated)
        `on-violation: {repeated: {denials: 5, within: 60s, then: deny}}\n`      | no refusal ends a task
        `limits: {calls: 3}\non-violation: {limit: interrupt, not-granted: interrupt, repeated: {denials: 5, within: 60s, then: deny}}\n` | ends a task: 1 refusal by limit or not-granted
        `on-violation: {limit: interrupt, flow: interrupt, repeated: {denials: 5, within: 60s, then: deny}}\n` | no refusal ends a task
        `flow: enforce\non-violation: {flow: interrupt, repeated: {denials: 5, within: 60s, then: deny}}\n` | ends a task: 1 refusal by flow
        """)
    void check_saysWhichReactionsEndATask(String more, String line) throws Exception {
        // The template of `init` is the other one.
        assertThat(said(more.replace("\\n", "\n"))).containsExactly("no refusal ends a task", line);
    }

    /** Templates for production leave no reaction to a default that a reader has to know. */
    @Test
    void shippedTemplates_sayTheirReactions() throws Exception {
        try (Stream<Path> all = Files.list(Checkout.path("config/tasks"))) {
            assertThat(all.toList()).isNotEmpty().allSatisfy(file -> {
                String text = Files.readString(file);
                assertThat(text)
                        .contains("on-violation: {", "limit: ", "not-granted: ", "repeated: {denials: ", "then: ");
                assertThat(text.contains("\nsequence:")).isEqualTo(text.contains("{sequence: "));
                assertThat(text.contains("\nrules:")).isEqualTo(text.contains(" rule: "));
            });
        }
    }

    /** Whoever copies the template of a page loses no task to it. */
    @Test
    void templatesOfThePages_denyAndDoNotInterrupt() throws Exception {
        for (String page :
                List.of("README.md", "docs/first-configuration.md", "docs/templates.md", "docs/operations")) {
            Path path = Checkout.path(page);
            try (Stream<Path> files = Files.isDirectory(path) ? Files.list(path) : Stream.of(path)) {
                for (Path file : files.toList()) {
                    for (String block : Files.readString(file).split("```yaml\n")) {
                        String text = block.split("```")[0];
                        if (text.startsWith("template: ") && text.contains("\nallow:")) {
                            assertThat(text)
                                    .as(file.toString())
                                    .contains("then: deny}")
                                    .doesNotContain("interrupt");
                            assertThat(text.contains("\nsequence:")).isEqualTo(text.contains("sequence: deny"));
                            assertThat(text.contains("\nrules:")).isEqualTo(text.contains("rule: deny"));
                        }
                    }
                }
            }
        }
    }
}
