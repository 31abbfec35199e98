package dev.errand.cli;

import dev.errand.autoconfigure.ConfigurationCheck;
import dev.errand.autoconfigure.RouteTrial;
import dev.errand.config.Faults;
import dev.errand.config.Yaml;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.offline.scenario.Difference;
import dev.errand.offline.scenario.Scenario;
import dev.errand.offline.scenario.ScenarioReader;
import dev.errand.offline.scenario.ScenarioRun;
import dev.errand.template.Policies;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.springframework.util.function.SingletonSupplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code errand test}: plays scenarios of the user's templates, without a gateway; exit 1 if one differs from what it expects. */
@Command(
        name = "test",
        mixinStandardHelpOptions = true,
        usageHelpWidth = 120,
        description = {
            "Plays the scenarios DIR/tests/*.yaml: calls of a task, each with its expected outcome. Each call with another",
            "outcome is printed with the line of the grant, the plan or the rule that decided, and the exit status is 1."
        },
        footer = {
            "",
            "  template: triage",
            "  parameters: {ticket: \"17\"}",
            "  calls:",
            "    - {call: tickets:ticket.read, resource: \"17\", answers: 404}      # expect: permit, if left out",
            "    - {call: tickets:ticket.comment, resource: \"17\", after: 5s, by: child-1, expect: sequence-violation}",
            "    - {request: {method: GET, path: /tickets/v1/tickets/18}, expect: constraint-violated}",
            "",
            "docs/templates.md shows how; docs/template-keys.md has every key."
        })
final class TestCommand extends CliCommand {
    @Parameters(
            index = "0",
            paramLabel = "DIR",
            description = "The directory with application.yaml, operations/, tasks/ and tests/.")
    private Path directory = Path.of(".");

    @Parameters(
            index = "1..*",
            paramLabel = "FILE",
            description = "These scenarios alone; a path may begin here, in DIR or in DIR/tests.")
    private List<Path> files = new ArrayList<>();

    @Option(names = "--json", description = "One JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        PrintWriter err = err();
        ConfigurationDirectory configuration = new ConfigurationDirectory(directory, List.of());
        String wrong = configuration.wrong();
        if (wrong != null) {
            err.println(wrong.replace("--config names", "DIR is"));
            return 1;
        }
        ConfigurationCheck.Result checked = ConfigurationCheck.check(directory, Map.of());
        if (!checked.faults().isEmpty()) {
            checked.faults().forEach(err::println);
            return 1;
        }
        List<Path> scenarios = files.isEmpty() ? scenarios() : files;
        if (scenarios.isEmpty()) {
            err.println(directory.resolve("tests") + ": there is no scenario: write one into NAME.yaml there");
            return 1;
        }
        Policies policies = Objects.requireNonNull(checked.policies());
        Supplier<RouteTrial> routes = SingletonSupplier.of(() -> RouteTrial.of(directory, Map.of()));
        boolean good = true;
        List<JsonValue> played = new ArrayList<>();
        for (Path file : scenarios) {
            Optional<Path> found = found(file);
            if (found.isEmpty()) {
                err.println(file + ": there is no such file, here, in " + directory + " or in "
                        + directory.resolve("tests"));
            }
            good &= found.isPresent() && play(found.get(), policies, routes, played);
        }
        if (json) {
            Reported.print(
                    out(), new JsonObject(Map.of("good", new JsonBoolean(good), "scenarios", new JsonArray(played))));
        }
        return good ? 0 : 1;
    }

    /** The file that the argument names. */
    private Optional<Path> found(Path file) {
        return Stream.of(
                        file,
                        directory.resolve(file),
                        directory.resolve("tests").resolve(file))
                .filter(each -> Files.exists(each) && !Files.isDirectory(each))
                .findFirst();
    }

    private boolean play(Path file, Policies policies, Supplier<RouteTrial> routes, List<JsonValue> played) {
        PrintWriter out = out();
        Faults faults = new Faults();
        Optional<Scenario> scenario = ScenarioReader.read(file, name(file), faults);
        faults.list().forEach(fault -> err().println(fault));
        if (scenario.isEmpty()) {
            return false;
        }
        List<Difference> differences = ScenarioRun.play(
                directory,
                policies,
                request -> routes.get().route(request.method(), request.target(), request.headers(), request.body()),
                scenario.get());
        int calls = scenario.get().calls().size();
        if (json) {
            played.add(new JsonMembers()
                    .put("file", name(file))
                    .put("calls", calls)
                    .put("good", differences.isEmpty())
                    .put("differences", Reported.list(differences, each -> Reported.at(each.at(), each.message())))
                    .toJson());
            return differences.isEmpty();
        }
        differences.forEach(out::println);
        out.println(name(file) + ": "
                + (differences.isEmpty()
                        ? "good, " + calls + (calls == 1 ? " call" : " calls")
                        : "differs in " + differences.size()));
        out.flush();
        return differences.isEmpty();
    }

    /** The file's name: relative to the directory if the file is below it, else as it was given. */
    private String name(Path file) {
        Path root = directory.toAbsolutePath().normalize();
        Path whole = file.toAbsolutePath().normalize();
        return whole.startsWith(root) ? root.relativize(whole).toString() : file.toString();
    }

    private List<Path> scenarios() {
        try {
            return Yaml.files(directory.resolve("tests"));
        } catch (IOException e) {
            return List.of();
        }
    }
}
