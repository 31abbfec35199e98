package dev.errand.pages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.cli.Errand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * Every command of the pages: it is shell, its program is known, its options are those of the command line, the files that it
 * names lie in the repository, and what it asks of the gateway the gateway answers.
 */
class PageCommandsTest {
    private static final Pattern SPAN = Pattern.compile("`([^`]+)`");
    private static final Pattern A_FUNCTION = Pattern.compile("(?m)^\\s*(\\w+)\\(\\) ");
    private static final Pattern ERRAND = Pattern.compile("(?:\\./)?errand(?: (.*))?", Pattern.DOTALL);
    private static final Pattern OF_THE_REPOSITORY = Pattern.compile(
            "(?:\\./)?((?:load-tests|deploy|\\.ci|config|docs|clients|verify|gateway|filters|agent|\\.mvn)/[\\w./@-]*|mvnw)");
    private static final Pattern URL = Pattern.compile(
            "(?:https?://(?:127\\.0\\.0\\.1:(?:8080|9090)|(?:gateway|errand)\\.example\\.org)|\\$B)(/[^\\s\"'`]*)");
    private static final Pattern REQUEST =
            Pattern.compile("(?:GET|POST|DELETE) (/(?:tasks|decisions|locks|replicas|approvals"
                    + "|configuration|oauth2|\\.well-known|actuator|console|problems|credentials)[^\\s`]*)");
    private static final Pattern EXAMPLE = Pattern.compile("^(  |Example: )");
    private static final Pattern PROFILE = Pattern.compile("(?<=[ `(])-P([a-z][\\w-]+)");

    /** Programs of others, which a page may take for granted or says how to get. */
    private static final Set<String> PROGRAMS = Set.of(
            "aws", "base64", "basenc", "cd", "chmod", "chown", "cp", "curl", "docker", "export", "git", "grep", "head",
            "helm", "jq", "kubectl", "mkdir", "mktemp", "mv", "node", "npm", "openssl", "pip", "printf", "python3",
            "rm", "sed", "tee", "tr", "umask", "unset", "vault", "cat", "sh", "xargs");

    /** Written by a build or by the reader, as the page says. */
    private static final Set<String> WRITTEN = Set.of(
            "docs/fixed.md",
            "deploy/secrets",
            "deploy/secrets/operator-token",
            "deploy/secrets/prometheus-token",
            "filters/starter/target/shipped-libraries.txt",
            "gateway/cli/target/shipped-libraries.txt",
            "gateway/cli/target/vectors.json",
            "gateway/target",
            "gateway/target/errand.jar",
            "gateway/target/errand-demo.jar",
            "agent/target/errand-agent.jar");

    private final ErrandOptions errand = new ErrandOptions();

    @TempDir
    private Path directory;

    private static List<Block> scripts() {
        List<Block> scripts = Block.all().stream().filter(Block::isShell).toList();
        assertThat(scripts).hasSizeGreaterThan(40);
        return scripts;
    }

    private static List<String> spans(String page) {
        // A span may go on in the next line.
        Matcher span = SPAN.matcher(String.join("\n", Block.prose(page)));
        List<String> spans = new ArrayList<>();
        while (span.find()) {
            spans.add(span.group(1).replaceAll("\\s*\n\\s*", " "));
        }
        return spans;
    }

    @Test
    void everyScript_isShell() throws IOException, InterruptedException {
        List<String> told = new ArrayList<>();
        for (Block block : scripts()) {
            Path script = Files.writeString(directory.resolve("script.sh"), block.script());
            Path said = directory.resolve("said");
            Process bash = new ProcessBuilder("bash", "-n", script.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile())
                    .start();
            assertThat(bash.waitFor(20, TimeUnit.SECONDS)).isTrue();
            if (bash.exitValue() != 0) {
                told.add(block.place() + ": " + Files.readString(said));
            }
        }
        assertThat(told).isEmpty();
    }

    @Test
    void everyProgram_isKnown() {
        List<String> told = new ArrayList<>();
        for (Block block : scripts()) {
            Set<String> known = new HashSet<>(PROGRAMS);
            Matcher function = A_FUNCTION.matcher(
                    Block.of(block.page()).stream().map(Block::text).collect(Collectors.joining()));
            while (function.find()) {
                known.add(function.group(1));
            }
            for (List<String> command : Shell.commands(block.script())) {
                String program = command.get(0);
                if (!known.contains(program)
                        && !ERRAND.matcher(program).matches()
                        && !OF_THE_REPOSITORY.matcher(program).matches()) {
                    told.add(block.place() + ": " + command);
                }
            }
        }
        assertThat(told).isEmpty();
    }

    @Test
    void everyErrand_hasItsOptions() {
        List<String> told = new ArrayList<>();
        int seen = 0;
        for (Block block : scripts()) {
            for (List<String> command : Shell.commands(block.script())) {
                if (ERRAND.matcher(command.get(0)).matches()) {
                    seen++;
                    String fault = errand.fault(command.subList(1, command.size()));
                    if (!fault.isEmpty()) {
                        told.add(block.place() + ": " + command + ": " + fault);
                    }
                }
            }
        }
        assertThat(told).isEmpty();
        assertThat(seen).isGreaterThan(30);
    }

    @Test
    void everyErrandInASentence_hasItsOptions() {
        List<String> told = new ArrayList<>();
        int seen = 0;
        for (String page : Block.pages()) {
            for (String span : spans(page)) {
                Matcher command = ERRAND.matcher(span);
                if (command.matches() && command.group(1) != null) {
                    seen++;
                    String fault = errand.faultOfSynopsis(command.group(1));
                    if (!fault.isEmpty()) {
                        told.add(page + ": " + span + ": " + fault);
                    }
                }
            }
        }
        assertThat(told).isEmpty();
        assertThat(seen).isGreaterThan(100);
    }

    /** What {@code --help} shows as an example is taken by the command itself. */
    @Test
    void everyErrandOfTheHelp_hasItsOptions() {
        List<String> told = new ArrayList<>();
        List<CommandLine> commands = new ArrayList<>(List.of(Errand.commandLine()));
        int seen = 0;
        for (int i = 0; i < commands.size(); i++) {
            commands.addAll(commands.get(i).getSubcommands().values());
            String examples = Stream.of(
                            commands.get(i).getCommandSpec().usageMessage().footer())
                    .filter(line -> EXAMPLE.matcher(line).find())
                    // What a line is for may stand behind it.
                    .map(line -> line.replaceFirst("^(Example:)? *", "").replaceFirst(" {3,}.*", ""))
                    .collect(Collectors.joining("\n"));
            for (List<String> command : Shell.commands(examples + '\n')) {
                if (command.get(0).equals("errand")) {
                    seen++;
                    String fault = errand.fault(command.subList(1, command.size()));
                    if (!fault.isEmpty()) {
                        told.add(command + ": " + fault);
                    }
                }
            }
        }
        assertThat(told).isEmpty();
        assertThat(seen).isPositive();
    }

    @Test
    void everyFileOfTheRepository_isThere() {
        Set<String> told = new HashSet<>();
        for (String page : Block.pages()) {
            Stream<String> words = Stream.concat(
                    spans(page).stream().flatMap(span -> Stream.of(span.split("[\\s:]+"))),
                    Block.of(page).stream()
                            .filter(Block::isShell)
                            .flatMap(block -> Shell.commands(block.script()).stream())
                            .flatMap(List::stream));
            words.forEach(word -> {
                Matcher file = OF_THE_REPOSITORY.matcher(word);
                if (file.matches()
                        && !Files.exists(Block.REPOSITORY.resolve(file.group(1)))
                        && !Files.exists(Block.REPOSITORY.resolve(page).resolveSibling(file.group(1)))
                        && !WRITTEN.contains(file.group(1))) {
                    told.add(page + ": " + word);
                }
            });
        }
        assertThat(told).isEmpty();
    }

    @Test
    void everyProfileOfTheBuild_isThere() throws IOException {
        String poms = Files.readString(Block.REPOSITORY.resolve("pom.xml"))
                + Files.readString(Block.REPOSITORY.resolve("gateway/cli/pom.xml"));
        for (String page : Block.pages()) {
            Matcher profile = PROFILE.matcher(String.join("\n", Block.linesOf(page)));
            while (profile.find()) {
                assertThat(poms).as(page).contains("<id>" + profile.group(1) + "</id>");
            }
        }
    }

    @Test
    void everyPathOfTheGateway_isAnswered() {
        Endpoints endpoints = new Endpoints();
        assertThat(endpoints.paths())
                .contains(
                        "/tasks/{id}/interrupt",
                        "/locks/{id}",
                        "/oauth2/task",
                        "/.well-known/jwks.json",
                        "/approvals/{id}");
        Set<String> told = new HashSet<>();
        int seen = 0;
        for (String page : Block.pages()) {
            String text = String.join("\n", Block.linesOf(page));
            for (Pattern pattern : List.of(URL, REQUEST)) {
                Matcher asked = pattern.matcher(text);
                while (asked.find()) {
                    seen++;
                    // The name of a log looks like an address.
                    if (!asked.group(1).startsWith("/provenance/") && endpoints.isMissing(asked.group(1))) {
                        told.add(page + ": " + asked.group());
                    }
                }
            }
        }
        assertThat(told).isEmpty();
        assertThat(seen).isGreaterThan(40);
    }
}
