package dev.errand.token;

import static dev.errand.token.MalformedConstraintException.ofConstraint;

import dev.errand.json.FoldedNames;
import dev.errand.json.Folding;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.Capability.Check;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The constraints on the arguments of one tool (AAT-02 section 2). Arguments that are not named are refused, unless the
 * map is open. The empty map {@code {}} is open, so a closed map names at least one argument. Immutable and
 * thread-safe.
 */
public final class ArgumentMap implements ToolGrant {
    /** Any arguments at all, {@code {}} in a token. */
    public static final ArgumentMap ANY = new ArgumentMap(Map.of(), true);

    private static final String REST = "*";

    private final Map<String, Rule> named;
    private final boolean open;
    private final FoldedNames folded;
    private volatile @Nullable Folded last;

    /** The map with folded constraints. It is kept, since a token or a template serves many calls of one upstream. */
    private record Folded(Folding by, ArgumentMap map) {}

    /**
     * The rule for one argument.
     *
     * @param optional whether the argument may be missing
     */
    public record Rule(Constraint constraint, boolean optional) {}

    /**
     * A map of constraints.
     *
     * @param named argument name to its rule; never {@code "*"}
     * @param open whether other arguments may have any value ({@code "*"} is a plain wildcard)
     */
    public ArgumentMap(Map<String, Rule> named, boolean open) {
        this.named = Collections.unmodifiableMap(new LinkedHashMap<>(named));
        this.open = open;
        this.folded = open ? FoldedNames.of(named.keySet()) : FoldedNames.NONE;
        if (named.containsKey(REST)) {
            throw new IllegalArgumentException("\"*\" is no argument's name");
        }
        if (named.isEmpty() && !open) {
            throw new IllegalArgumentException("a closed map names at least one argument");
        }
    }

    /** Argument name to its rule; never {@code "*"}. */
    public Map<String, Rule> named() {
        return named;
    }

    /** Whether arguments that are not named may have any value. */
    public boolean open() {
        return open;
    }

    /** Reads the map of one tool from untrusted JSON. */
    static ArgumentMap parse(JsonObject json, int maxDepth) throws MalformedConstraintException {
        if (json.members().isEmpty()) {
            return ANY;
        }
        Map<String, Rule> named = new LinkedHashMap<>();
        boolean open = false;
        for (var entry : json.members().entrySet()) {
            if (!(entry.getValue() instanceof JsonObject object)) {
                throw ofConstraint("a constraint is not an object");
            }
            if (entry.getKey().equals(REST)) {
                if (!(ConstraintParser.parse(object, maxDepth) instanceof Wildcard)) {
                    throw ofConstraint("\"*\" is not a plain wildcard");
                }
                open = true;
                continue;
            }
            Map<String, JsonValue> members = new LinkedHashMap<>(object.members());
            JsonValue optional = members.remove(ConstraintJson.OPTIONAL);
            if (optional != null && !(optional instanceof JsonBoolean)) {
                throw ofConstraint("optional is not a boolean");
            }
            named.put(
                    entry.getKey(),
                    new Rule(
                            ConstraintParser.parse(new JsonObject(members), maxDepth),
                            optional instanceof JsonBoolean flag && flag.value()));
        }
        return new ArgumentMap(named, open);
    }

    @Override
    public Check check(JsonObject arguments) {
        for (var argument : arguments.members().entrySet()) {
            Rule rule = named.get(argument.getKey());
            boolean admitted = Jcs.isAdmissible(argument.getValue())
                    && (rule == null ? open : rule.constraint.check(argument.getValue()));
            if (!admitted) {
                return new Check.Violated(argument.getKey());
            }
        }
        for (var entry : named.entrySet()) {
            if (!entry.getValue().optional && arguments.get(entry.getKey()) == null) {
                return new Check.Violated(entry.getKey());
            }
        }
        return new Check.Granted();
    }

    @Override
    public Set<String> missing(JsonObject arguments) {
        Set<String> missing = new LinkedHashSet<>();
        named.forEach((name, rule) -> {
            if (!rule.optional && arguments.get(name) == null) {
                missing.add(name);
            }
        });
        return missing;
    }

    @Override
    public ArgumentMap folded(Folding folding) {
        Rule resource = named.get(Folding.ARGUMENT);
        if (folding.isNone() || resource == null) {
            return this;
        }
        Folded kept = last;
        if (kept == null || !kept.by.equals(folding)) {
            Map<String, Rule> rules = new LinkedHashMap<>(named);
            rules.put(Folding.ARGUMENT, new Rule(resource.constraint.folded(folding), resource.optional));
            kept = new Folded(folding, new ArgumentMap(rules, open));
            last = kept;
        }
        return kept.map;
    }

    @Override
    public @Nullable String lookalike(JsonObject arguments) {
        return folded.lookalike(arguments);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ArgumentMap map && open == map.open && named.equals(map.named);
    }

    @Override
    public int hashCode() {
        return Objects.hash(named, open);
    }

    @Override
    public String toString() {
        return "ArgumentMap[named=" + named + ", open=" + open + "]";
    }

    @Override
    public JsonObject toJson() {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        named.forEach((name, rule) -> {
            JsonObject json = (JsonObject) rule.constraint.toJson();
            members.put(
                    name,
                    rule.optional ? ConstraintJson.with(json, ConstraintJson.OPTIONAL, new JsonBoolean(true)) : json);
        });
        if (open && !named.isEmpty()) {
            members.put(REST, Wildcard.ANY.toJson());
        }
        return new JsonObject(members);
    }
}
