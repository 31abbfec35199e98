package dev.errand.template;

import dev.errand.config.Faults;
import dev.errand.config.YamlList;
import dev.errand.config.YamlNode;
import dev.errand.config.YamlScalar;
import dev.errand.json.DidYouMean;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the values of the constraints of one template, with {@code {parameter}} in their strings. Not thread-safe.
 *
 * @param parameters the template's parameters, and whether each is a list
 */
record ShorthandValues(Map<String, Boolean> parameters, Faults faults) {
    /** Finds a parameter in a string. */
    public static final Pattern PLACEHOLDER = Pattern.compile("\\{([A-Za-z][A-Za-z0-9_-]*)\\}");

    ShorthandValues {
        parameters = Map.copyOf(parameters);
    }

    /**
     * Reads all values of a list parameter, or a list like {@link #array}; null, after a fault, for anything else.
     *
     * @param nonEmpty whether an empty list is a fault
     */
    public @Nullable JsonValue list(YamlNode node, boolean nonEmpty, boolean lists) {
        if (!(node instanceof YamlScalar scalar) || scalar.type() != YamlScalar.Type.STRING) {
            return array(node, nonEmpty, lists);
        }
        Matcher whole = PLACEHOLDER.matcher(scalar.text());
        Boolean isList = whole.matches() ? parameters.get(whole.group(1)) : null;
        if (isList != null && isList) {
            return new JsonString(scalar.text());
        } else if (isList != null) {
            faults.add(node.at(), "'" + whole.group(1) + "' is no list parameter: write [\"" + scalar.text() + "\"]");
        } else if (scalar(node) != null) {
            faults.add(node.at(), "expected a list, or \"{name}\" of a list parameter, found " + node.kind());
        }
        return null;
    }

    /**
     * Reads a list of values; null, after a fault, for anything else.
     *
     * @param nonEmpty whether an empty list is a fault
     * @param lists whether a value may be a list of single values, for an argument that is a list
     */
    public @Nullable JsonValue array(YamlNode node, boolean nonEmpty, boolean lists) {
        YamlList list = node.list(faults);
        if (list == null) {
            return null;
        }
        if (nonEmpty && list.items().isEmpty()) {
            faults.add(list.at(), "expected at least one value");
            return null;
        }
        List<JsonValue> values = new ArrayList<>();
        for (YamlNode item : list.items()) {
            JsonValue value = lists && item instanceof YamlList ? array(item, false, false) : scalar(item);
            if (value != null) {
                values.add(value);
            }
        }
        return new JsonArray(values);
    }

    /** Reads the root of a path_containment; null, after a fault, for anything else. */
    public @Nullable JsonValue root(YamlNode node) {
        String root = node.string(faults);
        if (root == null || !(scalar(node) instanceof JsonString string)) {
            return null;
        }
        String below = root.startsWith("/") ? root.substring(1) : root;
        for (String segment : below.split("/", -1)) {
            if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
                faults.add(
                        node.at(),
                        "path_containment has segments between slashes, none of them empty, '.' or '..', found "
                                + node.kind());
                return null;
            }
        }
        return string;
    }

    /** Reads a single value; null, after a fault, for anything else. */
    public @Nullable JsonValue scalar(YamlNode node) {
        if (!(node instanceof YamlScalar scalar)) {
            faults.add(node.at(), "expected a single value, found " + node.kind());
            return null;
        }
        return switch (scalar.type()) {
            case NULL -> JsonNull.NULL;
            case BOOLEAN -> new JsonBoolean(scalar.text().equals("true"));
            case NUMBER -> {
                JsonNumber number = new JsonNumber(scalar.text());
                if (!Jcs.isAdmissible(number)) {
                    faults.add(scalar.at(), "the number " + scalar.text() + " is not one that every JSON reader keeps");
                    yield null;
                }
                yield number;
            }
            case STRING -> {
                var placeholders = PLACEHOLDER.matcher(scalar.text());
                boolean known = true;
                while (placeholders.find()) {
                    known &= isText(scalar, placeholders.group(1));
                }
                yield known ? new JsonString(scalar.text()) : null;
            }
        };
    }

    private boolean isText(YamlScalar scalar, String name) {
        Boolean isList = parameters.get(name);
        if (isList == null) {
            faults.add(scalar.at(), "unknown parameter '" + name + "'" + DidYouMean.hint(name, parameters.keySet()));
        } else if (isList) {
            faults.add(
                    scalar.at(),
                    "the list parameter '" + name + "' stands alone as the value of one_of, not_one_of or subset:"
                            + " one_of: \"{" + name + "}\"");
        }
        return isList != null && !isList;
    }
}
