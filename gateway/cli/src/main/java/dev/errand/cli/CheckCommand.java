package dev.errand.cli;

import dev.errand.autoconfigure.AskedRoutes;
import dev.errand.autoconfigure.ConfigurationCheck;
import dev.errand.autoconfigure.CredentialTrial;
import dev.errand.json.DidYouMean;
import dev.errand.json.JsonMembers;
import dev.errand.operation.Effect;
import dev.errand.operation.HeaderListing;
import dev.errand.operation.HeaderProtocol;
import dev.errand.operation.HeaderRules;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.OperationForm;
import dev.errand.sequence.CompiledSequence;
import dev.errand.sequence.PlanDrawing;
import dev.errand.template.Policies;
import dev.errand.template.Template;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Unmatched;

/**
 * {@code errand check}: the whole configuration without traffic; exit 0 if it would be run, 1 with every fault if not.
 * Warnings change the exit status only under {@code --strict}.
 */
@Command(
        name = "check",
        description =
                "Checks a whole configuration without running it. Any Spring property may follow as --name=value.",
        mixinStandardHelpOptions = true)
final class CheckCommand extends CliCommand {
    private static final Set<Effect> REVIEWED = EnumSet.complementOf(EnumSet.of(Effect.UNREVIEWED));

    @Option(
            names = "--config",
            required = true,
            paramLabel = "DIR",
            description = "The directory with application.yaml, operations/ and tasks/.")
    private Path config = Path.of(".");

    @Option(names = "--dot", description = "Draw the plans as Graphviz reads them, and print nothing else.")
    private boolean dot;

    @Option(
            names = "--headers",
            description = "Print which headers of requests pass, are removed or are refused, and nothing else.")
    private boolean headers;

    @Option(
            names = "--operations",
            arity = "0..1",
            fallbackValue = "",
            paramLabel = "CATALOGUE",
            description = "Print each operation, how it is called and the form of its resource, and nothing else.")
    private @Nullable String operations;

    @Option(names = "--json", description = "One JSON object; with --operations a list of them.")
    private boolean json;

    @Option(names = "--strict", description = "Treat warnings as faults: exit 1.")
    private boolean strict;

    @Option(
            names = "--credentials",
            description = "Obtain one credential of each kind that lives with a task, and give it back.")
    private boolean credentials;

    @Mixin
    private final ProofOptions proof = new ProofOptions();

    @Unmatched
    private List<String> properties = new ArrayList<>();

    @Override
    public Integer call() {
        PrintWriter err = err();
        if (json && (dot || headers || credentials || proof.vacuity)) {
            err.println("--json goes without --dot, --headers, --credentials and --vacuity");
            return 2;
        }
        ConfigurationDirectory directory = new ConfigurationDirectory(config, properties);
        String wrong = directory.wrong();
        if (wrong != null) {
            err.println(wrong);
            return directory.exitCode();
        }
        ConfigurationCheck.Result result = ConfigurationCheck.checkAndAsk(config, directory.overrides());
        if (json && operations == null) {
            return json(result);
        }
        result.faults().forEach(err::println);
        result.warnings().forEach(warning -> err.println(strict ? warning.toString() : warning.asWarning()));
        if (operations != null && result.policies() != null) {
            // A template that names an operation by a wrong id is a fault, and whoever mends it needs the list.
            return operations(result.policies(), operations) && result.faults().isEmpty() ? 0 : 1;
        }
        if (!result.faults().isEmpty() || strict && !result.warnings().isEmpty()) {
            return 1;
        }
        Policies policies = Objects.requireNonNull(result.policies());
        PropertyOutput proofs = new PropertyOutput(config, policies, spec().commandLine());
        boolean proved = proofs.prove(proof);
        if (!proved && (!dot || proofs.isUnread())) {
            return proofs.exitCode();
        }
        if (proof.vacuity && proofs.vacuity(strict) && strict) {
            return 1;
        }
        if (dot) {
            draw(policies, proofs);
        } else if (headers) {
            headers(policies);
        } else {
            summary(result.routes(), AskedRoutes.notes(config, directory.overrides(), policies), policies);
            proofs.summary();
        }
        return proved && (!credentials || tried(directory)) ? 0 : 1;
    }

    /** Prints faults, warnings and what would run; properties are proved only if there is no fault. */
    private int json(ConfigurationCheck.Result result) {
        Policies policies = result.policies();
        boolean good =
                result.faults().isEmpty() && !(strict && !result.warnings().isEmpty());
        JsonMembers members = new JsonMembers();
        members.put("faults", Reported.faults(result.faults()));
        members.put("warnings", Reported.faults(result.warnings()));
        if (policies != null && result.faults().isEmpty()) {
            PropertyOutput proofs = new PropertyOutput(config, policies, spec().commandLine());
            good &= proofs.prove(proof);
            members.put("properties", proofs.json());
            members.put("routes", result.routes());
            members.put("catalogues", new TreeSet<>(policies.catalogues().keySet()));
            JsonMembers templates = new JsonMembers();
            policies.templates().forEach((name, template) -> templates.put(name, template.revision()));
            members.put("templates", templates.toJson());
            members.put("revision", policies.revision());
        }
        members.put("good", good);
        Reported.print(out(), members.toJson());
        return good ? 0 : 1;
    }

    /** Fetches each credential and gives it back. Returns whether all of this succeeded. */
    private boolean tried(ConfigurationDirectory directory) {
        List<CredentialTrial.Tried> all = CredentialTrial.run(config, directory.overrides());
        PrintWriter out = out();
        PrintWriter err = err();
        all.forEach(one -> (one.good() ? out : err).println("credential " + one.upstream() + ": " + one.text()));
        out.flush();
        err.flush();
        return all.stream().allMatch(CredentialTrial.Tried::good);
    }

    private void headers(Policies policies) {
        PrintWriter out = out();
        out.println("every API:");
        HeaderListing.common().forEach(line -> out.println("  " + line));
        new TreeMap<>(policies.catalogues()).forEach((name, catalogue) -> {
            HeaderRules rules = catalogue.headers();
            out.println(name
                    + (rules.protocol() == HeaderProtocol.NONE
                            ? ""
                            : " (" + rules.protocol().wire() + ')')
                    + ':');
            HeaderListing.of(rules).forEach(line -> out.println("  " + line));
        });
        out.flush();
    }

    /** Prints the operations of one catalogue, or of all. Returns whether there is such a catalogue. */
    private boolean operations(Policies policies, String wanted) {
        TreeMap<String, OperationCatalogue> catalogues = new TreeMap<>(policies.catalogues());
        if (!wanted.isEmpty() && !catalogues.containsKey(wanted)) {
            err().println("there is no catalogue '" + wanted + "' in operations/"
                    + DidYouMean.hint(wanted, catalogues.keySet()));
            return false;
        }
        PrintWriter out = out();
        if (json) {
            List<OperationForm> forms = catalogues.entrySet().stream()
                    .filter(entry -> wanted.isEmpty() || wanted.equals(entry.getKey()))
                    .flatMap(entry -> entry.getValue().forms().stream())
                    .toList();
            Reported.print(out, Reported.list(forms, Reported::operation));
            return true;
        }
        catalogues.forEach((name, catalogue) -> {
            if (wanted.isEmpty() || wanted.equals(name)) {
                OperationListing.lines(catalogue.forms()).forEach(out::println);
            }
        });
        out.flush();
        return true;
    }

    private void summary(List<String> routes, List<String> asked, Policies policies) {
        PrintWriter out = out();
        out.println("good: " + config);
        out.println("routes: " + String.join(", ", routes));
        asked.forEach(out::println);
        out.println("catalogues:");
        new TreeMap<>(policies.catalogues()).forEach((name, catalogue) -> {
            int operations = catalogue.reviewed(REVIEWED).size();
            out.println("  " + name + ": "
                    + (operations == 0
                            ? "its operations are named by its resolver"
                            : operations + " reviewed operations"));
            catalogue.imports().ifPresent(report -> report.lines().forEach(line -> out.println("    " + line)));
        });
        out.println("templates:");
        templates(policies.templates(), out);
        if (!policies.candidates().isEmpty()) {
            out.println("candidates:");
            templates(policies.candidates(), out);
        }
        out.println("revision: " + policies.revision());
        out.flush();
    }

    private static void templates(Map<String, Template> templates, PrintWriter out) {
        for (Map.Entry<String, Template> entry : new TreeMap<>(templates).entrySet()) {
            out.println("  " + entry.getKey() + " (" + entry.getValue().revision() + ")");
            plan(entry.getValue()).lines().forEach(line -> out.println("    " + line));
            out.println("    " + EndingReactions.of(entry.getValue().enforced()));
        }
    }

    private static String plan(Template template) {
        return template.enforced().sequence() instanceof CompiledSequence sequence
                        && sequence.automaton().isPresent()
                ? PlanDrawing.text(sequence.automaton().get(), sequence.interleave())
                : "any order";
    }

    private void draw(Policies policies, PropertyOutput proofs) {
        PrintWriter out = out();
        new TreeMap<>(policies.templates()).forEach((name, template) -> {
            if (template.enforced().sequence() instanceof CompiledSequence sequence) {
                sequence.automaton()
                        .ifPresent(automaton -> out.print(PlanDrawing.dot(
                                name, automaton, sequence.interleave(), proofs.marks(name, automaton))));
            }
        });
        out.flush();
    }
}
