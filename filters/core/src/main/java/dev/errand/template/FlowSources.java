package dev.errand.template;

import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.config.YamlScalar;
import dev.errand.sequence.rule.AnswerValues;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads {@code flow-from}: the values of answers that fix an argument. Not thread-safe. */
record FlowSources(@Nullable OperationDirectory operations, Faults faults) {
    static final String KEY = "flow-from";

    /** The pattern of a source. */
    static final String SOURCE = "[^:]+:.+: [^ ]+";

    private static final int MOST = 16;
    private static final String BETWEEN = ": ";

    /** By operation and argument; nothing if the template does not have the key. */
    Map<String, Map<String, List<AnswerValues.Source>>> parse(YamlMap template) {
        Map<String, Map<String, List<AnswerValues.Source>>> all = new LinkedHashMap<>();
        YamlNode node = template.optional(KEY);
        YamlMap map = node == null ? null : node.map(faults);
        if (map == null) {
            return all;
        }
        if (!(template.optional("flow") instanceof YamlScalar flow)
                || flow.text().equals("off")) {
            faults.warn(map.at(), "without `flow: enforce` nothing looks at flow-from");
        }
        map.members().forEach((id, value) -> {
            boolean known = GrantParser.known(operations, map.at(id), id, faults);
            YamlMap arguments = value.map(faults);
            if (arguments != null) {
                Map<String, List<AnswerValues.Source>> own = new LinkedHashMap<>();
                arguments.members().forEach((argument, from) -> {
                    if (known) {
                        target(id, argument, arguments.at(argument));
                    }
                    own.put(argument, sources(from));
                });
                all.put(id, own);
            }
        });
        return all;
    }

    private void target(String id, String argument, Position at) {
        if (operations == null) {
            return;
        }
        GrantParser.argument(operations, at, argument, List.of(id), id, faults);
        List<String> trusted = operations.find(id).orElseThrow().trustedArguments();
        if (!trusted.contains(argument)) {
            faults.warn(
                    at,
                    "the catalogue does not say `needs: {trusted: [" + argument + "]}` of '" + id
                            + "', so flow never asks who chose it");
        }
    }

    private List<AnswerValues.Source> sources(YamlNode node) {
        List<String> texts = node.strings(faults);
        List<AnswerValues.Source> sources = new ArrayList<>();
        if (texts != null && (texts.isEmpty() || texts.size() > MOST)) {
            faults.add(node.at(), "an argument has 1 to " + MOST + " sources");
        }
        for (String text : texts == null ? List.<String>of() : texts) {
            int between = text.lastIndexOf(BETWEEN);
            if (!text.matches(SOURCE)) {
                faults.add(
                        node.at(),
                        "'" + text
                                + "' is no source: write an operation and the name of a value under its `returns`, such as"
                                + " \"bank:payees.get: iban\"");
                continue;
            }
            String id = text.substring(0, between);
            String name = text.substring(between + BETWEEN.length());
            if (GrantParser.known(operations, node.at(), id, faults)) {
                SequencePlans.returned(operations, node.at(), id, name, faults);
            }
            sources.add(new AnswerValues.Source(id, name));
        }
        return sources;
    }
}
