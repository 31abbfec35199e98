package dev.errand.proof;

import dev.errand.json.Folding;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.proof.World.Granted;
import dev.errand.proof.World.Worlds;
import dev.errand.task.AlwaysAsked.Unless;
import dev.errand.template.GrantTemplate;
import dev.errand.template.ParameterPattern;
import dev.errand.token.ArgumentMap;
import dev.errand.token.Capability.Check;
import dev.errand.token.CapabilityParser;
import dev.errand.token.MalformedConstraintException;
import dev.errand.token.ParameterValue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds values of a template's parameters with which other calls pass without a human than usually: its grants, or its
 * {@code ask: {unless: …}}, have parameters that may equal what stands in the other. Used once; not thread-safe.
 */
final class PassingWorlds {
    /** The most combinations of values that are looked at for one argument, and for all operations. */
    private static final int MOST_TRIED = 512;

    /** The most values that a pattern lists, so that all are tried. */
    private static final int MOST_LISTED = 8;

    private static final int MOST_SAMPLES = 2;
    private static final Set<Map<String, String>> USUAL = Set.of(Map.of());

    private final World usual;
    private boolean cut;

    private PassingWorlds(World usual) {
        this.usual = usual;
    }

    /**
     * What a clause demands of an argument.
     *
     * @param granted what the grant demands of it; null if it may be anything
     * @param beside what grant and clause of another template demand of it
     * @param passes whether the argument is to be as demanded, or to be other than demanded
     */
    private record Demand(
            String argument,
            @Nullable JsonValue granted,
            JsonValue demanded,
            Folding folding,
            List<JsonValue> beside,
            boolean passes) {
        List<JsonValue> all() {
            List<JsonValue> all = new ArrayList<>(beside);
            all.add(demanded);
            if (granted != null) {
                all.add(granted);
            }
            return all;
        }

        Set<String> texts() {
            Set<String> texts = new LinkedHashSet<>();
            all().forEach(each -> World.texts(each, texts));
            return texts;
        }

        Set<String> parameters() {
            Set<String> parameters = new TreeSet<>();
            for (String text : texts()) {
                World.PLACEHOLDER.matcher(text).results().forEach(found -> parameters.add(found.group(1)));
            }
            return parameters;
        }
    }

    /**
     * The usual world, and one for each other set of calls that pass without a human.
     *
     * @param ids the operations whose calls these are
     * @param together whether calls of several operations must pass in one run
     */
    static Worlds of(World usual, Set<String> ids, boolean together) {
        PassingWorlds found = new PassingWorlds(usual);
        Set<Map<String, String>> tried = new LinkedHashSet<>();
        List<List<Demand>> demands = ids.stream().map(id -> passes(usual, id)).toList();
        if (together) {
            tried.addAll(found.values(demands));
        } else {
            demands.forEach(each -> tried.addAll(found.values(List.of(each))));
        }
        return found.worlds(tried, PassingWorlds::passing);
    }

    /** The same, for calls of an operation that pass under a template and not under another one. */
    static Worlds of(World usual, World other, String id) {
        PassingWorlds found = new PassingWorlds(usual);
        Set<Map<String, String>> tried = new LinkedHashSet<>(found.values(List.of(passes(usual, id))));
        for (Demand asked : passes(other, id)) {
            List<JsonValue> beside = demanded(usual, id, asked.argument);
            List<Demand> all = new ArrayList<>(passes(usual, id));
            all.add(new Demand(asked.argument, asked.granted, asked.demanded, asked.folding, beside, false));
            tried.addAll(found.values(List.of(all)));
        }
        return found.worlds(
                tried,
                world -> Stream.of(world, other.as(world))
                        .map(each -> Optional.ofNullable(each.passing().get(id)))
                        .toList());
    }

    /** @param kind which calls pass without a human; one world of each kind is enough */
    private Worlds worlds(Set<Map<String, String>> tried, Function<World, Object> kind) {
        Map<Object, World> worlds = new LinkedHashMap<>(Map.of(kind.apply(usual), usual));
        for (Map<String, String> texts : tried) {
            World world = World.of(usual.template(), usual.lines(), usual.directory(), with(texts));
            worlds.putIfAbsent(kind.apply(world), world);
            if (worlds.size() > World.MOST) {
                return new Worlds(List.copyOf(worlds.values()), true);
            }
        }
        return new Worlds(List.copyOf(worlds.values()), cut);
    }

    /** The usual values of the parameters, with others for some. */
    private Map<String, ParameterValue> with(Map<String, String> texts) {
        Map<String, ParameterValue> values = new LinkedHashMap<>(usual.parameters());
        texts.forEach((name, text) -> {
            ParameterPattern pattern = pattern(name);
            if (pattern != null) {
                values.put(name, pattern.normal(ParameterValue.of(text)));
            }
        });
        return values;
    }

    private @Nullable ParameterPattern pattern(String name) {
        return usual.template().grants().parameters().get(name);
    }

    /** The calls about which the template asks nobody, but would ask if they had other arguments. */
    private static Set<List<Object>> passing(World world) {
        Set<List<Object>> passing = new HashSet<>();
        for (Letter letter : new Alphabet(world).letters()) {
            if (!letter.asked() && world.passing().containsKey(letter.operation())) {
                passing.add(List.of(letter.operation(), letter.arguments()));
            }
        }
        return passing;
    }

    /** What must be so if a call of the operation passes without a human; empty if none does, or all do. */
    private static List<Demand> passes(World asking, String id) {
        Unless unless = unless(asking, id);
        List<Demand> demands = new ArrayList<>();
        if (unless != null) {
            Folding folding = Objects.requireNonNull(asking.granted().get(id)).folding();
            unless.constraints(Map.of())
                    .members()
                    .forEach((name, constraint) -> demands.add(
                            new Demand(name, grant(asking, id).get(name), constraint, folding, List.of(), true)));
        }
        return demands;
    }

    private static @Nullable Unless unless(World asking, String id) {
        Granted granted = asking.granted().get(id);
        return granted == null
                ? null
                : asking.template().enforced().asked(granted.operation()).unless();
    }

    private static JsonObject grant(World asking, String id) {
        return asking.template().grants().tools().getOrDefault(id, JsonObject.EMPTY);
    }

    /** What a template's grant and clause demand of an argument. */
    private static List<JsonValue> demanded(World asking, String id, String name) {
        Unless unless = unless(asking, id);
        return Stream.of(
                        grant(asking, id).get(name),
                        unless == null ? null : unless.constraints(Map.of()).get(name))
                .filter(Objects::nonNull)
                .toList();
    }

    /**
     * Values of the parameters with which calls of some of the operations pass; others are usual.
     *
     * @param operations what is demanded of the arguments of each
     */
    private Set<Map<String, String>> values(List<List<Demand>> operations) {
        Set<Map<String, String>> all = USUAL;
        for (Set<String> names : dependent(operations)) {
            all = joined(all, values(operations, names));
        }
        return all;
    }

    /** The parameters, such that those of one argument are in one set. */
    private static Set<Set<String>> dependent(List<List<Demand>> operations) {
        Set<Set<String>> all = new LinkedHashSet<>();
        operations.stream().flatMap(List::stream).map(Demand::parameters).forEach(names -> {
            Set<String> together = new TreeSet<>(names);
            all.stream().filter(each -> !Collections.disjoint(each, names)).forEach(together::addAll);
            all.removeIf(together::containsAll);
            all.add(together);
        });
        return all;
    }

    /** Values of these parameters, on which no other ones depend. */
    private Set<Map<String, String>> values(List<List<Demand>> operations, Set<String> names) {
        List<List<Demand>> own = operations.stream()
                .map(demands -> demands.stream()
                        .filter(each -> names.containsAll(each.parameters()))
                        .toList())
                .distinct()
                .toList();
        Set<Demand> demands = new LinkedHashSet<>();
        own.forEach(demands::addAll);
        Set<String> written = new LinkedHashSet<>();
        demands.forEach(each -> written.addAll(each.texts()));
        Set<Map<String, String>> matching = matching(written);
        Map<String, Set<String>> candidates = demands.stream().allMatch(each -> isFound(each, Map.of()))
                ? Map.of()
                : candidates(demands, written, matching);
        Map<Demand, Set<Map<String, String>>> found = new HashMap<>();
        demands.forEach(each -> found.put(each, values(each, matching, candidates)));
        Set<Map<String, String>> all = USUAL;
        for (List<Demand> each : own) {
            Set<Map<String, String>> passing = USUAL;
            for (Demand demand : each) {
                passing = joined(passing, Objects.requireNonNull(found.get(demand)));
            }
            Set<Map<String, String>> some = new LinkedHashSet<>(USUAL);
            some.addAll(passing);
            all = joined(all, some);
        }
        return all;
    }

    /** Each of some values with each of others, if they agree. */
    private Set<Map<String, String>> joined(Set<Map<String, String>> some, Set<Map<String, String>> others) {
        Set<Map<String, String>> joined = new LinkedHashSet<>();
        for (Map<String, String> one : some) {
            for (Map<String, String> other : others) {
                Map<String, String> both = new LinkedHashMap<>(one);
                both.putAll(other);
                if (joined.size() > MOST_TRIED) {
                    cut = true;
                } else if (both.entrySet().containsAll(one.entrySet())) {
                    joined.add(both);
                }
            }
        }
        return joined;
    }

    /** Those of the values with which an argument may be as demanded; the usual ones if there are no candidates. */
    private Set<Map<String, String>> values(
            Demand demand, Set<Map<String, String>> matching, Map<String, Set<String>> candidates) {
        Set<Map<String, String>> tried = USUAL;
        for (String name : candidates.isEmpty() ? Set.<String>of() : demand.parameters()) {
            Set<Map<String, String>> own = new LinkedHashSet<>();
            candidates.getOrDefault(name, Set.of()).forEach(text -> own.add(Map.of(name, text)));
            tried = joined(tried, own);
        }
        Set<Map<String, String>> found = new LinkedHashSet<>();
        Stream.concat(tried.stream(), candidates.isEmpty() ? matching.stream() : Stream.of())
                .filter(values -> isFound(demand, values))
                .forEach(found::add);
        return found;
    }

    private boolean isFound(Demand demand, Map<String, String> texts) {
        Map<String, ParameterValue> values = with(texts);
        try {
            ArgumentMap granted = demand.granted == null ? ArgumentMap.ANY : map(demand, demand.granted, values);
            ArgumentMap demanded = map(demand, demand.demanded, values);
            if (demand.passes) {
                return World.both(granted, demanded, demand.folding) != null;
            }
            List<ArgumentMap> wide = new ArrayList<>(List.of(granted));
            for (JsonValue each : demand.beside) {
                wide.add(map(demand, each, values));
            }
            Set<JsonValue> candidates = new LinkedHashSet<>();
            Stream.concat(wide.stream(), Stream.of(demanded))
                    .flatMap(each -> each.named().values().stream())
                    .forEach(rule -> candidates.addAll(Samples.near(rule.constraint())));
            return candidates.stream()
                    .map(value -> new JsonObject(Map.of(demand.argument, value)))
                    .anyMatch(call -> wide.stream().allMatch(each -> each.check(call) instanceof Check.Granted)
                            && !(demanded.check(call) instanceof Check.Granted));
        } catch (MalformedConstraintException e) {
            return !demand.passes;
        }
    }

    private static ArgumentMap map(Demand demand, JsonValue constraint, Map<String, ParameterValue> values)
            throws MalformedConstraintException {
        JsonObject arguments = new JsonObject(Map.of(demand.argument, GrantTemplate.fill(constraint, values)));
        return (ArgumentMap) Objects.requireNonNull(CapabilityParser.parse(
                        new JsonObject(Map.of("tools", new JsonObject(Map.of("call", arguments)))),
                        CapabilityParser.MAX_NESTING)
                .tools()
                .get("call"));
    }

    /**
     * Values that a parameter may have: those that stand beside it, and enough others that are not alike.
     *
     * @param written what the demands write
     * @param matching values with which some of it is equal
     */
    private Map<String, Set<String>> candidates(
            Set<Demand> demands, Set<String> written, Set<Map<String, String>> matching) {
        Set<String> segments = new LinkedHashSet<>();
        written.forEach(each -> segments.addAll(List.of(each.split("/"))));
        Set<String> names = new TreeSet<>();
        for (Demand each : demands) {
            names.addAll(each.parameters());
            samples(each).forEach(text -> segments.addAll(List.of(text.split("/"))));
        }
        Map<String, Set<String>> candidates = new LinkedHashMap<>();
        for (String name : names) {
            ParameterPattern pattern = pattern(name);
            if (pattern != null) {
                Set<String> own = new LinkedHashSet<>(segments);
                matching.forEach(values -> own.add(values.getOrDefault(name, "")));
                own.removeIf(text -> !pattern.matches(text));
                List<String> words = World.words(pattern);
                if (words.isEmpty() || words.size() > MOST_LISTED) {
                    PatternSample.of(pattern, own.size() + names.size() + 1).stream()
                            .filter(text -> !own.contains(text))
                            .limit(names.size() + 1L)
                            .toList()
                            .forEach(own::add);
                } else {
                    own.addAll(words);
                }
                candidates.put(name, own);
            }
        }
        return candidates;
    }

    /** A few texts that an argument may be with the usual values of the parameters. */
    private Set<String> samples(Demand demand) {
        Set<String> samples = new LinkedHashSet<>();
        try {
            for (JsonValue each : demand.all()) {
                map(demand, each, usual.parameters()).named().values().stream()
                        .flatMap(rule -> Samples.of(rule.constraint(), MOST_SAMPLES).stream())
                        .forEach(value -> World.texts(value, samples));
            }
        } catch (MalformedConstraintException e) {
            return Set.of();
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
