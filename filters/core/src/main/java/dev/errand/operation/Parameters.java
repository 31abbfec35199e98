package dev.errand.operation;

import static dev.errand.config.Shape.either;
import static dev.errand.config.Shape.text;
import static dev.errand.config.Shape.words;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.Position;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.json.DidYouMean;
import dev.errand.operation.Parameter.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads {@code params}: the parts of a request that become arguments. */
public final class Parameters {
    /** The key's value: a source for each argument. */
    public static final Keys KEYS = Keys.of("params").others(either(words(Parameter.WORDS), text()));

    /** The key {@code params} of a resolver that knows the operations. */
    public static final Keys.Key OF_ALL = Keys.optional(
            "params",
            KEYS,
            "Arguments of every operation: query, query:number, query:list (all values of a key) or header:<name>.");

    private static final String SOURCES = "query, query:number, query:list, header:<name> or body:<JSON pointer>";

    private Parameters() {}

    /** The parameters under {@code params} of a map, without those that have a fault. */
    public static List<Parameter> read(YamlMap map, TargetRules target, Faults faults) {
        YamlNode node = map.optional("params");
        YamlMap params = node == null ? null : node.map(faults);
        List<Parameter> parameters = new ArrayList<>();
        if (params == null) {
            return parameters;
        }
        params.members().forEach((name, value) -> {
            String text = value.string(faults);
            Parameter parameter = text == null ? null : Parameter.parse(name, text);
            if (name.equals("resource")) {
                faults.add(
                        params.at(name),
                        "the argument 'resource' is the operation's resource; give the parameter another name");
            } else if (name.equals("ask")) {
                faults.add(
                        params.at(name),
                        "'ask' is a word of a template's grants, so no argument can have the name: give the parameter"
                                + " another name");
            } else if (parameter != null) {
                absent(parameter, target, value.at(), faults);
                parameters.add(parameter);
            } else if (text != null) {
                faults.add(
                        value.at(),
                        "'" + text + "' is no source of a parameter: " + SOURCES
                                + (DidYouMean.nearest(text, Parameter.WORDS) == null
                                        ? ""
                                        : DidYouMean.hint(text, Parameter.WORDS)));
            }
        });
        return parameters;
    }

    /**
     * The parameters that all operations of a catalogue share. A body as source is a fault, since the body is not read
     * for them.
     */
    public static List<Parameter> ofAll(YamlMap map, TargetRules target, Faults faults) {
        List<Parameter> parameters = read(map, target, faults);
        for (Parameter parameter : parameters) {
            if (parameter.source() == Source.BODY) {
                faults.add(
                        map.at("params"),
                        "the parameter '" + parameter.name()
                                + "' of all operations cannot come from the body: query, query:number, query:list or"
                                + " header:<name>");
            }
        }
        return parameters;
    }

    /** Warns of a parameter that no request can have, since its header is not passed to the upstream. */
    private static void absent(Parameter parameter, TargetRules target, Position at, Faults faults) {
        if (parameter.source() != Source.HEADER) {
            return;
        }
        HeaderRule rule = target.headers().declaring(Set.of(parameter.key())).of(parameter.key());
        if (!rule.passes()) {
            faults.warn(
                    at,
                    "the header " + parameter.key() + " is " + (rule.refuses() ? "refused" : "removed")
                            + ", so no call has the argument '" + parameter.name() + "'"
                            + (HeaderRules.mayPass(parameter.key())
                                    ? ": let it pass by headers: {pass: [" + parameter.key() + "]}"
                                    : ""));
        }
    }
}
