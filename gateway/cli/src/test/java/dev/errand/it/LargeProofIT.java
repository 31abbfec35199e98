package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.cli.Errand;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A proof about a template of 64 steps with 20 rules, by the jar: 10 s on two processors, and 256 MB. */
class LargeProofIT {
    private static final List<String> OPERATIONS = List.of("t:read", "t:write", "t:pay", "t:delete", "t:look");
    private static final int PROCESSOR_SECONDS = 20;

    @TempDir
    private Path directory;

    @Test
    void check_ofALargeTemplate_endsInTime() throws Exception {
        String jar =
                RunningGateway.repository().resolve("gateway/target/errand.jar").toString();
        // The last line of `times` is what the commands took; the machine may be busy, so the clock on the wall says
        // little.
        String line = "java -Xmx256m -XX:ActiveProcessorCount=2 -jar '" + jar + "' \"$@\"; code=$?; times; exit $code";
        Path configuration = directory.resolve("c");
        assertThat(Errand.commandLine()
                        .setOut(new PrintWriter(Writer.nullWriter()))
                        .execute("init", "--dev", configuration.toString()))
                .isZero();
        Files.writeString(configuration.resolve("operations/t.yaml"), catalogue());
        Files.writeString(configuration.resolve("tasks/large.yaml"), template());
        Files.writeString(
                Files.createDirectory(configuration.resolve("properties")).resolve("large.yaml"), """
                properties:
                  - {name: order, templates: [large], precedence: "t:read", before: "t:delete"}
                  - {name: others, templates: [large], precedence: "t:delete", before: "t:read"}
                  - {name: few, templates: [large], bounded: "t:write", at-most: 3}
                  - {name: failed, templates: [large], absence: "t:read", after: "t:delete", when: failed, same: [resource]}
                  - {name: paid, templates: [large], bounded: "t:pay", at-most: 48, same: [resource]}
                """);
        Ran ran = run(line, "check", "--config", "c");
        assertThat(ran.exit()).as(ran.said()).isEqualTo(1);
        assertThat(ran.said())
                .contains("'others' does not hold", "'few' does not hold")
                .doesNotContain("'order'", "not decided");
        assertThat(ran.seconds()).as(ran.said()).isLessThan(PROCESSOR_SECONDS);
    }

    /** @param seconds of processors */
    private record Ran(int exit, String said, double seconds) {}

    private Ran run(String line, String... words) throws Exception {
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", line, "errand").directory(directory.toFile());
        builder.command().addAll(List.of(words));
        Process process = builder.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Matcher times =
                Pattern.compile("(\\d+)m([0-9.]+)s (\\d+)m([0-9.]+)s\\s*$").matcher(said);
        assertThat(times.find()).as(said).isTrue();
        return new Ran(
                process.waitFor(),
                said,
                60 * (Integer.parseInt(times.group(1)) + Integer.parseInt(times.group(3)))
                        + Double.parseDouble(times.group(2))
                        + Double.parseDouble(times.group(4)));
    }

    private static String catalogue() {
        List<String> effects = List.of("read", "write", "execute", "delete", "list");
        StringBuilder text = new StringBuilder("catalogue: t\nresolver: template\noperations:\n");
        for (int i = 0; i < effects.size(); i++) {
            String id = OPERATIONS.get(i).substring(2);
            text.append("  - {id: %s, match: {method: POST, path: \"/%s/{r}\"}, effect: %s, resource: \"{r}\"}\n"
                    .formatted(id, id, effects.get(i)));
        }
        return text.toString();
    }

    private static String template() {
        StringBuilder text = new StringBuilder("""
                template: large
                agents: ["spiffe://dev.invalid/agent/triage"]
                humans: {claim: groups, any: [support]}
                lifetime: 1h
                on-violation: {sequence: deny, rule: deny}
                interleave: ["t:look"]
                allow:
                """);
        OPERATIONS.forEach(id -> text.append("  \"" + id + "\": {resource: {path_containment: x}}\n"));
        text.append("sequence:\n");
        for (int i = 0; i < 64; i++) {
            text.append("  - {\"" + OPERATIONS.get(i % 4) + "\": 1..3}\n");
        }
        text.append("rules:\n");
        for (int i = 0; i < 20; i++) {
            String one = OPERATIONS.get(i % 5);
            String other = OPERATIONS.get((i + 1 + i / 5) % 5);
            String rule = switch (i % 4) {
                case 0 -> "bounded: \"" + one + "\", at-most: " + (20 + i) + ", same: [resource]";
                case 1 -> "absence: \"" + one + "\", after: \"" + other + "\", when: failed, same: [resource]";
                case 2 -> "bounded: \"" + one + "\", at-most: 30, within: 1m";
                default -> "distinct: \"" + one + "\", of: resource, at-most: 12";
            };
            text.append("  - {" + rule + "}\n");
        }
        return text.toString();
    }
}
