package dev.errand.offline.judgement;

import dev.errand.config.Position;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.offline.judgement.Corpus.Call;
import dev.errand.offline.judgement.Corpus.Run;
import dev.errand.offline.scenario.Difference;
import dev.errand.offline.scenario.Scenario;
import dev.errand.offline.scenario.ScenarioRun;
import dev.errand.operation.RoutedRequest;
import dev.errand.template.Template;
import dev.errand.token.ParameterValue;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Judges runs under a template by the very code of {@code errand test}: the grant of the start, and the step of each call. */
final class Bench {
    private static final Position HERE = new Position("corpus", 1, 1);
    private static final Pattern CALL = Pattern.compile("call ([0-9]+), .*? was ([a-z-]+): ");

    private Bench() {}

    /** What became of one run: the refusal of each call that did not pass, by its place. */
    static Map<Integer, String> play(Template template, Run run) {
        Map<String, ParameterValue> parameters = new LinkedHashMap<>();
        run.parameters().forEach((name, values) -> parameters.put(name, ParameterValue.of(values)));
        List<Scenario.Call> calls = new ArrayList<>();
        for (Call call : run.calls()) {
            calls.add(new Scenario.Call(
                    HERE,
                    call.operation(),
                    HERE,
                    null,
                    call.resource(),
                    RunLog.arguments(call),
                    call.status(),
                    null,
                    Duration.ofSeconds(2),
                    0,
                    Scenario.PERMIT,
                    Scenario.Approve.NOT));
        }
        Scenario scenario = new Scenario(
                HERE, template.name(), HERE, parameters, HERE, pins(template, run), Scenario.Instructed.TRUSTED, calls);
        Map<Integer, String> refused = new TreeMap<>();
        for (Difference difference : ScenarioRun.play(
                Path.of("/nonexistent"),
                Desk.policies(template),
                request -> RoutedRequest.unserved("no route is configured here"),
                scenario)) {
            Matcher found = CALL.matcher(difference.message());
            if (!found.find()) {
                throw new IllegalStateException(difference.toString());
            }
            refused.put(Integer.parseInt(found.group(1)) - 1, found.group(2));
        }
        return refused;
    }

    /** What the human fixes of that which the template pins. */
    private static Map<String, Map<String, JsonValue>> pins(Template template, Run run) {
        Map<String, Map<String, JsonValue>> pins = new HashMap<>();
        template.grants().pinned().byOperation().forEach((operation, names) -> {
            Map<String, JsonValue> values = new HashMap<>();
            Map<String, JsonValue> given = run.pinned().getOrDefault(operation, Map.of());
            for (String name : names.keySet()) {
                JsonValue value = given.get(name);
                if (value == null && name.equals("resource")) {
                    value = new JsonArray(run.parameters().get("bookings").stream()
                            .<JsonValue>map(JsonString::new)
                            .toList());
                }
                if (value != null) {
                    values.put(name, value);
                }
            }
            pins.put(operation, values);
        });
        return pins;
    }

    /** Counts over the runs of one kind. */
    static final class Counts {
        int runs;
        int passed;
        int asked;

        /** Of a run with a bad call: whether it passed, or a human was asked. */
        void bad(Template template, Run run) {
            String code = play(template, run).get(run.bad());
            runs++;
            passed += code == null ? 1 : 0;
            asked += "approval-required".equals(code) ? 1 : 0;
        }

        /** Of a good run: whether it was disturbed, or a human was asked. */
        void good(Template template, Run run) {
            Map<Integer, String> refused = play(template, run);
            runs++;
            boolean questions = refused.values().stream().anyMatch("approval-required"::equals);
            boolean disturbed = refused.values().stream().anyMatch(code -> !code.equals("approval-required"));
            passed += disturbed ? 0 : 1;
            asked += questions ? 1 : 0;
        }

        int disturbed() {
            return runs - passed;
        }
    }
}
