package dev.errand.offline.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Checkout;
import dev.errand.cli.Errand;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every pattern of {@code docs/rules.md}, and of the policies of another language, loads without a fault, and its runs go as they say. */
class RulesPageTest {
    private static final int PATTERNS = 31;
    private static final Path PAGE = Checkout.path("docs/rules.md");
    private static final Path DOGWOOD = Checkout.path("gateway/cli/src/test/resources/rules/dogwood.txt");
    private static final Pattern YAML = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);
    private static final String APPLICATION = """
            spring.cloud.gateway.server.webflux:
              default-filters: [TaskIdentity, DelegationChain, TaskLimits, TaskSequence, Provenance]
              routes:
                - {id: claims, uri: "http://127.0.0.1:8200", predicates: [Path=/claims/**], filters: [StripPrefix=1, OperationMapping=claims]}
                - {id: desk, uri: "http://127.0.0.1:8200", predicates: [Path=/desk/**], filters: [StripPrefix=1, OperationMapping=desk]}
            errand:
              issuer: https://gateway.example.org
              trust:
                humans: [{issuer: "https://idp.example.org", jwks: "https://idp.example.org/jwks", audience: errand}]
                workloads: [{trust-domain: example.org, bundle: "https://spire.example.org/bundle"}]
            """;

    @TempDir
    private Path directory;

    /** The lines of a template, and the runs below them. */
    private record Recipe(String name, String lines, List<String> runs) {}

    private static List<String> blocks() throws IOException {
        List<String> blocks = new ArrayList<>();
        Matcher matcher = YAML.matcher(Files.readString(PAGE) + Files.readString(DOGWOOD));
        while (matcher.find()) {
            blocks.add(matcher.group(1));
        }
        return blocks;
    }

    private static List<Recipe> patterns() throws IOException {
        List<Recipe> patterns = new ArrayList<>();
        for (String block : blocks()) {
            if (block.startsWith("rules:") || block.startsWith("allow:")) {
                patterns.add(new Recipe(block.lines().toList().get(1).strip(), block, new ArrayList<>()));
            } else if (block.startsWith("template: handler\n") && block.contains("\ncalls:")) {
                patterns.get(patterns.size() - 1).runs().add(block);
            }
        }
        return patterns;
    }

    @Test
    void page_beginsWithTheTask_andHasItsPatterns() throws IOException {
        List<String> lines = Files.readAllLines(PAGE);
        assertThat(lines.get(2)).startsWith("**Rules count within one task.**");
        assertThat(lines.stream().filter(line -> line.matches("### \\d+\\. .*")))
                .hasSize(PATTERNS);
        assertThat(patterns()).hasSize(PATTERNS + 5);
        assertThat(patterns().subList(0, PATTERNS))
                .allMatch(pattern -> pattern.runs().size() == 2);
        for (Recipe pattern : patterns().subList(0, PATTERNS)) {
            assertThat(pattern.runs().get(0)).doesNotContain("expect");
            assertThat(pattern.runs().get(1)).containsPattern("expect: (rule-violation|approval-required|flow-denied)");
        }
    }

    @TestFactory
    List<DynamicTest> patterns_goAsThePageSays() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        List<Recipe> patterns = patterns();
        for (int i = 0; i < patterns.size(); i++) {
            Recipe pattern = patterns.get(i);
            Path own = directory.resolve("p" + i);
            tests.add(DynamicTest.dynamicTest(pattern.name(), () -> play(own, pattern)));
        }
        return tests;
    }

    private static void play(Path own, Recipe pattern) throws IOException {
        for (String folder : new String[] {"operations", "tasks", "tests"}) {
            Files.createDirectories(own.resolve(folder));
        }
        Files.writeString(own.resolve("application.yaml"), APPLICATION);
        String template = "";
        for (String block : blocks()) {
            if (block.startsWith("catalogue: ")) {
                String name = block.lines().findFirst().orElseThrow().substring("catalogue: ".length());
                Files.writeString(own.resolve("operations").resolve(name + ".yaml"), block);
            } else if (block.startsWith("template: handler\nagents:")) {
                template = block;
            }
        }
        boolean desk = pattern.lines().contains("desk:");
        String allow = pattern.lines().startsWith("allow:")
                ? ""
                : desk
                        ? "allow: {desk:*: {effects: [read, write]}}\n"
                        : "allow: {claims:*: {effects: [read, write, delete]}}\n";
        Files.writeString(
                own.resolve("tasks/handler.yaml"),
                template.replaceFirst("(?m)^allow: .*\n", "") + allow + pattern.lines());
        for (int i = 0; i < pattern.runs().size(); i++) {
            Files.writeString(
                    own.resolve("tests/run" + i + ".yaml"), pattern.runs().get(i));
        }
        StringWriter out = new StringWriter();
        int exit = Errand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(out, true))
                .execute("test", own.toString());
        assertThat(exit).as(out.toString()).isZero();
        assertThat(out.toString().lines()).hasSize(pattern.runs().size());
    }
}
