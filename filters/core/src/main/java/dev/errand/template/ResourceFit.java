package dev.errand.template;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Whether some resource of an operation can satisfy a constraint. It says no only where that is certain: it compares the
 * form of the resources with a value as far as one of them is fixed text. Immutable.
 */
final class ResourceFit {
    /** What a parameter, or a part of a path, may be at most: no parameter holds a slash. */
    private static final String SEGMENT = "[^/]+";

    private static final Pattern VARIABLE = Pattern.compile("\\{([^{}+*]+)([+*]?)\\}");

    /** The most characters of fixed text that are compared. */
    private static final int MAX_PREFIX = 64;

    private final Map<String, ParameterPattern> parameters;
    private final int flags;
    private final Text form;
    private final Pattern resources;

    /**
     * @param form as in {@link dev.errand.operation.OperationForm}, not empty
     * @param folds whether the server takes some spellings for the same
     */
    ResourceFit(String form, boolean folds, Map<String, ParameterPattern> parameters) {
        this.parameters = Map.copyOf(parameters);
        this.flags = folds ? Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE : 0;
        this.form = Text.of(form);
        this.resources = Pattern.compile(formExpression(form), flags);
    }

    /** A text with variables: the fixed text before the first of them, and whether there is one. */
    private record Text(String prefix, boolean variable) {
        static Text of(String text) {
            Matcher first = VARIABLE.matcher(text);
            String prefix = first.find() ? text.substring(0, first.start()) : text;
            return new Text(prefix, prefix.length() < text.length());
        }

        /** The beginning of the fixed text that is compared. */
        String compared() {
            return prefix.substring(0, Math.min(prefix.length(), MAX_PREFIX));
        }
    }

    /** Whether no resource can satisfy the constraint, which is in the form of tokens with parameters in its texts. */
    boolean never(JsonObject constraint) {
        String type = constraint.get("constraint_type") instanceof JsonString text ? text.value() : "";
        return switch (type) {
            case "exact" -> neverEquals(constraint.get("value"));
            case "one_of" ->
                constraint.get("values") instanceof JsonArray values
                        ? values.values().stream().allMatch(this::neverEquals)
                        : neverEquals(constraint.get("values"));
            case "path_containment" ->
                constraint.get("root") instanceof JsonString root && neverMatches(root.value(), "(?:/.*)?");
            case "range", "contains", "subset" -> true;
            case "all" -> clauses(constraint).stream().anyMatch(this::isNever);
            case "any" -> clauses(constraint).stream().allMatch(this::isNever);
            default -> false;
        };
    }

    private boolean isNever(JsonValue clause) {
        return clause instanceof JsonObject object && never(object);
    }

    private static List<JsonValue> clauses(JsonObject constraint) {
        return constraint.get("constraints") instanceof JsonArray array ? array.values() : List.of();
    }

    /** A resource is a text, so no other value equals one. */
    private boolean neverEquals(@Nullable JsonValue value) {
        return !(value instanceof JsonString text) || neverMatches(text.value(), "");
    }

    private boolean neverMatches(String value, String end) {
        Text fixed = Text.of(value);
        if (!fixed.variable() && end.isEmpty()) {
            return !resources.matcher(value).matches();
        }
        if (isDead(resources, fixed.compared())) {
            return true;
        }
        for (boolean own : new boolean[] {true, false}) {
            Pattern values = compiled(value, own, end);
            if (form.variable()
                    ? isDead(values, form.compared())
                    : !values.matcher(form.prefix()).matches()) {
                return true;
            }
        }
        return false;
    }

    /** Whether no text that begins so matches. */
    private static boolean isDead(Pattern pattern, String beginning) {
        Matcher matcher = pattern.matcher(beginning);
        return !matcher.matches() && !matcher.hitEnd();
    }

    /** The texts that a value with parameters stands for. {@code own}: by the parameters' patterns, else by any segment. */
    private Pattern compiled(String value, boolean own, String end) {
        try {
            return Pattern.compile(expression(value, own) + end, flags);
        } catch (PatternSyntaxException otherSyntax) {
            return Pattern.compile(expression(value, false) + end, flags);
        }
    }

    private String expression(String value, boolean own) {
        StringBuilder expression = new StringBuilder();
        Matcher variables = ShorthandValues.PLACEHOLDER.matcher(value);
        int from = 0;
        while (variables.find()) {
            expression.append(Pattern.quote(value.substring(from, variables.start())));
            ParameterPattern pattern = parameters.get(variables.group(1));
            expression.append(own && pattern != null ? "(?:" + pattern.expression() + ')' : SEGMENT);
            from = variables.end();
        }
        return expression.append(Pattern.quote(value.substring(from))).toString();
    }

    private static String formExpression(String form) {
        StringBuilder expression = new StringBuilder();
        Matcher variables = VARIABLE.matcher(form);
        int from = 0;
        while (variables.find()) {
            String before = form.substring(from, variables.start());
            boolean none = variables.group(2).equals("*");
            // A variable that matches nothing leaves out the slash before it.
            boolean slash = none && before.endsWith("/");
            expression.append(Pattern.quote(slash ? before.substring(0, before.length() - 1) : before));
            expression.append(
                    slash ? "(?:/.*)?" : none ? ".*" : variables.group(2).equals("+") ? ".+" : SEGMENT);
            from = variables.end();
        }
        return expression.append(Pattern.quote(form.substring(from))).toString();
    }
}
