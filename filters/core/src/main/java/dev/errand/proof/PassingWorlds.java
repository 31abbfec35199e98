package dev.errand.proof;

import dev.errand.json.JsonValue;
import dev.errand.operation.Operation;
import dev.errand.proof.World.Granted;
import dev.errand.proof.World.Worlds;
import dev.errand.task.AlwaysAsked.Unless;
import dev.errand.template.ParameterPattern;
import dev.errand.token.ArgumentMap;
import dev.errand.token.ParameterValue;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds values of a template's parameters with which other calls pass without a human than usually: its grants, or its
 * {@code ask: {unless: …}}, have parameters that may equal what stands in the other. Used once; not thread-safe.
 */
final class PassingWorlds {
    private static final int MOST_TRIED = 512;
    private static final int MOST_LISTED = 32;
    private static final int MOST_SAMPLES = 3;

    private final World usual;
    private final Set<Map<String, String>> tried = new LinkedHashSet<>();
    private boolean cut;

    private PassingWorlds(World usual) {
        this.usual = usual;
    }

    /**
     * The usual world, and one for each other set of calls that pass without a human.
     *
     * @param asking the templates that ask about the calls: the template itself and those that it is compared with
     */
    static Worlds of(World usual, List<World> asking) {
        PassingWorlds found = new PassingWorlds(usual);
        asking.forEach(found::read);
        return found.worlds(asking);
    }

    private Worlds worlds(List<World> asking) {
        List<World> worlds = new ArrayList<>(List.of(usual));
        Set<Set<List<Object>>> seen = new HashSet<>(Set.of(passing(usual, asking)));
        for (Map<String, String> texts : tried) {
            World world = with(texts);
            if (seen.add(passing(world, asking))) {
                if (worlds.size() > World.MOST) {
                    return new Worlds(worlds, true);
                }
                worlds.add(world);
            }
        }
        return new Worlds(worlds, cut);
    }

    /** The usual world with other values for some parameters. */
    private World with(Map<String, String> texts) {
        Map<String, ParameterValue> values = new LinkedHashMap<>(usual.parameters());
        texts.forEach((name, text) -> {
            ParameterPattern pattern = pattern(name);
            if (pattern != null) {
                values.put(name, pattern.normal(ParameterValue.of(text)));
            }
        });
        return World.of(usual.template(), usual.lines(), usual.directory(), values);
    }

    private @Nullable ParameterPattern pattern(String name) {
        return usual.template().grants().parameters().get(name);
    }

    /** The calls about which one of the templates asks nobody, but would ask if they had other arguments. */
    private static Set<List<Object>> passing(World world, List<World> asking) {
        Set<List<Object>> passing = new HashSet<>();
        for (World each : asking) {
            World own = each.as(world);
            for (Letter letter : new Alphabet(own).letters()) {
                if (!letter.asked() && own.passing().containsKey(letter.operation())) {
                    passing.add(List.of(each.template(), letter.operation(), letter.arguments()));
                }
            }
        }
        return passing;
    }

    /** Values for the parameters of each operation, one for each way in which its arguments may equal what is demanded. */
    private void read(World asking) {
        asking.template().grants().tools().forEach((id, arguments) -> {
            Operation operation = asking.directory().find(id).orElse(null);
            Unless unless = operation == null
                    ? null
                    : asking.template().enforced().asked(operation).unless();
            if (unless == null) {
                return;
            }
            Set<Map<String, String>> all = new LinkedHashSet<>(Set.of(Map.of()));
            unless.constraints(Map.of()).members().forEach((name, constraint) -> {
                Set<Map<String, String>> more = new LinkedHashSet<>(all);
                for (Map<String, String> values : values(asking, id, unless, name, arguments.get(name), constraint)) {
                    all.forEach(each -> join(each, values, more));
                }
                all.addAll(more);
            });
            tried.addAll(all);
            cut |= tried.size() > MOST_TRIED;
        });
    }

    private void join(Map<String, String> one, Map<String, String> other, Set<Map<String, String>> into) {
        Map<String, String> both = new LinkedHashMap<>(one);
        both.putAll(other);
        if (both.entrySet().containsAll(one.entrySet()) && !into.contains(both)) {
            if (into.size() > MOST_TRIED) {
                cut = true;
            } else {
                into.add(both);
            }
        }
    }

    /** Values with which the argument may be what the clause demands of it. */
    private Set<Map<String, String>> values(
            World asking, String id, Unless unless, String name, @Nullable JsonValue granted, JsonValue demanded) {
        Set<String> written = new LinkedHashSet<>();
        World.texts(granted, written);
        World.texts(demanded, written);
        Set<Map<String, String>> found = matching(written);
        found.removeIf(values -> !passes(asking.as(with(values)), id, unless, name));
        if (found.isEmpty() && !passes(asking, id, unless, name)) {
            samples(written).stream()
                    .filter(values -> passes(asking.as(with(values)), id, unless, name))
                    .limit(MOST_SAMPLES)
                    .forEach(found::add);
        }
        return found;
    }

    private static boolean passes(World world, String id, Unless unless, String name) {
        Granted granted = world.granted().get(id);
        ArgumentMap.Rule rule = unless.grant(world.parameters()) instanceof ArgumentMap required
                ? required.named().get(name)
                : null;
        return granted != null && rule != null && granted.with(new ArgumentMap(Map.of(name, rule), true)) != null;
    }

    /** Values of single parameters in these texts. */
    private Set<Map<String, String>> samples(Set<String> written) {
        Set<Map<String, String>> samples = new LinkedHashSet<>();
        for (String text : written) {
            Matcher matcher = World.PLACEHOLDER.matcher(text);
            while (matcher.find()) {
                String name = matcher.group(1);
                ParameterPattern pattern = pattern(name);
                if (pattern != null) {
                    PatternSample.of(pattern, MOST_LISTED).forEach(each -> samples.add(Map.of(name, each)));
                }
            }
        }
        return samples;
    }

    /** Values with which one of the texts, or a path above it, is another one. */
    private Set<Map<String, String>> matching(Set<String> written) {
        Set<Map<String, String>> found = new LinkedHashSet<>();
        Set<String> wanted = new LinkedHashSet<>();
        written.forEach(text -> wanted.addAll(beginnings(filled(text))));
        for (String text : written) {
            for (String beginning : beginnings(text)) {
                wanted.forEach(each -> match(beginning, each, found));
            }
        }
        return found;
    }

    /** The text and the paths above it. */
    private static List<String> beginnings(String text) {
        List<String> all = new ArrayList<>(List.of(text));
        for (int slash = text.lastIndexOf('/'); slash > 0; slash = text.lastIndexOf('/', slash - 1)) {
            all.add(text.substring(0, slash));
        }
        return all;
    }

    private String filled(String text) {
        return World.PLACEHOLDER.matcher(text).replaceAll(match -> {
            ParameterValue value = usual.parameters().get(match.group(1));
            return Matcher.quoteReplacement(
                    value == null ? match.group() : value.values().get(0));
        });
    }

    /** Adds the values with which the text with parameters is the other one. */
    private void match(String written, String text, Set<Map<String, String>> into) {
        List<String> names = new ArrayList<>();
        StringBuilder expression = new StringBuilder();
        Matcher placeholder = World.PLACEHOLDER.matcher(written);
        int at = 0;
        while (placeholder.find()) {
            // A value is one segment of a path.
            expression
                    .append(Pattern.quote(written.substring(at, placeholder.start())))
                    .append("([^/]+)");
            names.add(placeholder.group(1));
            at = placeholder.end();
        }
        expression.append(Pattern.quote(written.substring(at)));
        Matcher matcher = Pattern.compile(expression.toString()).matcher(text);
        Map<String, String> values = new LinkedHashMap<>();
        boolean fits = !names.isEmpty() && matcher.matches();
        for (int i = 0; fits && i < names.size(); i++) {
            ParameterPattern pattern = pattern(names.get(i));
            String value = matcher.group(i + 1);
            fits = pattern != null && pattern.matches(value) && value.equals(values.getOrDefault(names.get(i), value));
            values.put(names.get(i), value);
        }
        if (fits) {
            into.add(values);
        }
    }
}
