package dev.errand.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.cli.Errand;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the demo leaves: its log decided again, audited and learnt from, by the commands that people run. */
class ScopesIT {
    private static Path played;
    private static String log;

    @BeforeAll
    static void find() throws IOException {
        PlayedDemo demo = PlayedDemo.once();
        played = demo.directory();
        log = demo.log().toString();
    }

    @Test
    void replay_underTheConfigurationOfTheRun_noDecisionDiffers() {
        Run run = run("replay", "--log", log, "--config", played.toString());

        assertThat(run.code).as(run.out + run.err).isZero();
        assertThat(run.out).contains(" 0 differ, ");
    }

    /** The worked example of docs/audit.md: its commands, and the lines that it shows. */
    @Test
    void workedExample_goesAsItsPageShows(@TempDir Path smaller) throws IOException {
        String page = Files.readString(Path.of("../../docs/audit.md"));
        String block = page.substring(page.indexOf("```console\n") + 11);
        List<String> lines = block.substring(0, block.indexOf("```")).lines().toList();
        Iterator<String> printed = Stream.<String>empty().iterator();
        int commands = 0;
        for (String line : lines) {
            if (line.startsWith("$ cp -r $DEMO smaller")) {
                PlayedDemo.copy(played, smaller);
            } else if (line.startsWith("$ ")) {
                String typed =
                        line.substring(2).replace("$DEMO", played.toString()).replace("smaller", smaller.toString());
                for (String command : typed.split(" && ")) {
                    String[] halves = command.replace("./errand ", "").split(" > ");
                    Run run = run(halves[0].strip().split(" "));
                    assertThat(run.code).as(command + "\n" + run.out + run.err).isZero();
                    if (halves.length == 2) {
                        Files.writeString(Path.of(halves[1]), run.out);
                    }
                    printed = run.out.lines().iterator();
                    commands++;
                }
            } else if (!line.isBlank() && !line.strip().equals("…")) {
                assertPrinted(line, printed);
            }
        }
        assertThat(commands).isEqualTo(5);
    }

    /** Numbers may be others than the page's, and dots stand for anything. */
    private static void assertPrinted(String line, Iterator<String> printed) {
        String shown = Stream.of(line.replaceAll("sha-256:\\w*…", "sha-256:…").split("…", -1))
                .map(Pattern::quote)
                .collect(Collectors.joining(".*"))
                .replaceAll("[0-9]+", "\\\\E[0-9]+\\\\Q");
        boolean found = false;
        while (!found && printed.hasNext()) {
            found = printed.next().matches(shown);
        }
        assertThat(found).as(line).isTrue();
    }

    @Test
    void scopes_proposals_areSmallerAndPermitWhatWasPermitted(@TempDir Path proposed) throws IOException {
        PlayedDemo.copy(played, proposed);
        for (String template : List.of("release", "research")) {
            Run run = run(
                    "audit",
                    "scopes",
                    "--log",
                    log,
                    "--config",
                    played.toString(),
                    "--template",
                    template,
                    "--proposal");
            assertThat(run.code).as(run.err).isZero();
            Files.writeString(proposed.resolve("tasks/" + template + ".yaml"), run.out);
            Run json = run(
                    "audit", "scopes", "--log", log, "--config", played.toString(), "--template", template, "--json");
            assertThat(json.out).contains("\"smaller\":true", "\"differences\":[]");
        }
        Run check = run("check", "--config", proposed.toString());
        assertThat(check.code).as(check.err).isZero();

        Run replay = run("replay", "--log", log, "--config", proposed.toString(), "--permitted");

        assertThat(replay.code).as(replay.out + replay.err).isZero();
        assertThat(replay.out).contains("0 differ, 0 of them among permitted calls");
        assertThat(Files.readString(proposed.resolve("tasks/release.yaml")))
                .contains(
                        "vault:kv.read: {resource: {exact: \"secret/ci/{service}/db\"}}", "calls: 5 ", "max-depth: 1");
    }

    @Test
    void learn_draft_checksAndReplays(@TempDir Path drafted) throws IOException {
        PlayedDemo.copy(played, drafted);
        Run run = run("learn", "--log", log, "--template", "release", "--config", played.toString());
        assertThat(run.code).as(run.err).isZero();
        Files.writeString(drafted.resolve("tasks/release.yaml"), run.out);

        assertThat(run("check", "--config", drafted.toString()).code).isZero();
        Run replay =
                run("replay", "--log", log, "--config", drafted.toString(), "--template", "release", "--permitted");
        assertThat(replay.code).as(replay.out).isZero();
        assertThat(run("learn", "--log", log, "--template", "release").code).isZero();
    }

    @Test
    void replay_underANarrowerTemplate_namesTheDecision(@TempDir Path narrower) throws IOException {
        PlayedDemo.copy(played, narrower);
        Path file = narrower.resolve("tasks/release.yaml");
        Files.writeString(
                file,
                Files.readString(file).replace("exact: \"staging/{service}\"", "exact: \"production/{service}\""));

        Run run = run("replay", "--log", log, "--config", narrower.toString(), "--template", "release");

        assertThat(run.code).isEqualTo(1);
        assertThat(run.out)
                .contains(
                        "k8s:apps/deployments.patch  permit -> deny constraint-violated", "1 of them among permitted");
    }

    @Test
    void badInput_isRefusedWithTwo(@TempDir Path other) throws IOException {
        String config = played.toString();
        assertThat(run("replay", "--log", other.toString(), "--config", config).err)
                .contains("holds no log");
        assertThat(run("replay", "--log", other.toString(), "--config", config).code)
                .isEqualTo(2);
        assertThat(run("replay", "--log", log, "--config", other.toString()).code)
                .isEqualTo(2);
        Run unknown = run("audit", "scopes", "--log", log, "--config", config, "--template", "nope");
        assertThat(unknown.code).isEqualTo(2);
        assertThat(unknown.err).contains("no template 'nope'");
        assertThat(run("learn", "--log", log, "--template", "nope").err).contains("it has tasks of release, research");

        PlayedDemo.copy(Path.of(log), other);
        Run twice = run("replay", "--log", log, "--log", other.toString(), "--config", config);
        assertThat(twice.code).isEqualTo(2);
        assertThat(twice.err).contains(other + ": is the same log as " + log + ", or a copy of it: name one of them");
        String any = Files.readString(other.resolve("0000000000000000.jsonl"));
        String task = any.substring(any.indexOf("\"task\":\"t-") + 8).substring(0, 24);
        assertThat(run("task", task, "--log", log, "--log", other.toString()).out)
                .isEqualTo(run("task", task, "--log", log).out)
                .startsWith("task " + task);
        Path segment = other.resolve("0000000000000000.jsonl");
        byte[] text = Files.readString(segment)
                .replaceFirst("\"outcome\":\"deny\"", "\"outcome\":\"DENY\"")
                .getBytes(StandardCharsets.UTF_8);
        Files.write(segment, text);
        Run tampered = run("audit", "scopes", "--log", other.toString());
        assertThat(tampered.code).isEqualTo(2);
        assertThat(tampered.err).contains("does not verify; nothing is concluded from it");
    }

    private record Run(int code, String out, String err) {}

    private static Run run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Errand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
        return new Run(code, out.toString(), err.toString());
    }
}
