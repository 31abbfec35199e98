package dev.errand.cli;

import dev.errand.config.Fault;
import dev.errand.config.Faults;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.offline.proof.PropertyCheck;
import dev.errand.offline.proof.PropertyCheck.Finding;
import dev.errand.proof.Property;
import dev.errand.sequence.Automaton;
import dev.errand.template.Policies;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/** What {@code errand check} says of the properties of a configuration. Used once; not thread-safe. */
final class PropertyOutput {
    private final PropertyCheck check;
    private final CommandLine command;
    private List<Finding> findings = List.of();
    private Duration time = Duration.ZERO;
    private boolean unread = true;
    private int code = 1;

    PropertyOutput(Path directory, Policies policies, CommandLine command) {
        this.check = new PropertyCheck(directory, policies);
        this.command = command;
    }

    /**
     * Proves all properties, and prints those that are not shown.
     *
     * @return whether all are shown or assumed
     */
    boolean prove(ProofOptions options) {
        PrintWriter err = command.getErr();
        Duration given = options.limit.time(err);
        if (given == null) {
            code = 2;
            return false;
        }
        Faults faults = new Faults();
        List<Property> properties = check.read(faults);
        faults.list().forEach(err::println);
        if (!faults.isEmpty()) {
            return false;
        }
        time = given;
        unread = false;
        findings = check.prove(properties, time);
        boolean good = true;
        for (Finding finding : findings) {
            if (finding.isOpen()) {
                err.println(finding.isAssumed() ? finding.told().asWarning() : finding.told());
                good &= finding.isAssumed();
            }
        }
        err.flush();
        Path scenarios = options.scenarios;
        return (scenarios == null || written(scenarios)) && good;
    }

    private boolean written(Path scenarios) {
        try {
            check.write(findings, scenarios).forEach(file -> command.getErr().println("scenario: " + file));
            return true;
        } catch (IOException e) {
            command.getErr().println(scenarios + ": cannot be written: " + e.getMessage());
            return false;
        }
    }

    /** Whether the options or the properties have a fault, so that nothing was proved. */
    boolean isUnread() {
        return unread;
    }

    /**
     * Prints what has no effect in any template; call it after {@link #prove}.
     *
     * @param strict whether a warning is printed as a fault
     * @return whether there is anything
     */
    boolean vacuity(boolean strict) {
        List<Fault> found = check.vacuity(time);
        found.forEach(each -> command.getErr().println(strict ? each.toString() : each.asWarning()));
        command.getErr().flush();
        return !found.isEmpty();
    }

    /** The calls of the runs that break properties of a template, by the edge of its plan that each takes. */
    Map<Integer, List<String>> marks(String template, Automaton automaton) {
        Map<Integer, List<String>> marks = new HashMap<>();
        for (Finding finding : findings) {
            if (finding.template().name().equals(template) && finding.isOpen()) {
                finding.edges(automaton)
                        .forEach((edge, calls) ->
                                calls.forEach(call -> marks.computeIfAbsent(edge, each -> new ArrayList<>())
                                        .add(finding.property().name() + ": call " + call)));
            }
        }
        return marks;
    }

    /** The exit code after {@link #prove} returned false. */
    int exitCode() {
        return code;
    }

    /** The properties after {@link #prove}: {@code name}, {@code template}, {@code holds}, {@code assumed}, {@code message}. */
    JsonArray json() {
        return Reported.list(
                findings,
                finding -> new JsonMembers()
                        .put("name", finding.property().name())
                        .put("template", finding.template().name())
                        .put("holds", !finding.isOpen())
                        .put("assumed", finding.isAssumed())
                        .put("message", finding.isOpen() ? finding.told().message() : "")
                        .toJson());
    }

    /** Prints how many properties hold; nothing without any. */
    void summary() {
        if (!findings.isEmpty()) {
            long hold = findings.stream().filter(finding -> !finding.isOpen()).count();
            command.getOut().println("properties: " + hold + " hold");
            command.getOut().flush();
        }
    }
}
