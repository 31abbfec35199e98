package dev.errand.autoconfigure;

import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.config.YamlList;
import dev.errand.config.YamlNode;
import dev.errand.config.YamlScalar;
import dev.errand.json.DidYouMean;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.bind.Name;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.core.convert.ConversionException;

/**
 * Checks a part of {@code application.yaml} against the record that the part is bound to: unknown keys, values of the
 * wrong type, and missing keys. Spring's binding stops at the first value that it cannot convert; this check reports
 * all faults, each with its line. A value with a placeholder is left to the binding.
 */
final class PropertyKeys {
    private static final Pattern UPSTREAM = Pattern.compile("errand\\.upstreams\\.[^.]+");

    /** Keys that others depend on: without one of these, the others would seem to have faults, too. */
    private static final Set<String> DEPENDED_ON = Set.of(
            "errand.credential-keys",
            "errand.provenance.retain",
            "errand.trust.anchors",
            "errand.trust.humans",
            "errand.trust.max-lifetime",
            "errand.trust.workloads");

    private final Faults faults;
    private final Predicate<String> elsewhere;
    private final Set<String> spared = new LinkedHashSet<>();
    /** How many lists of mappings are around the present entry. */
    private int lists;

    private boolean needed;

    /** @param elsewhere whether a key has a value outside the file, on the command line or in the environment */
    public PropertyKeys(Faults faults, Predicate<String> elsewhere) {
        this.faults = faults;
        this.elsewhere = elsewhere;
    }

    /**
     * The keys with faults without which the rest can be bound: optional values, and whole entries under {@code
     * errand.upstreams}. Null if a key has a fault that is required or that others depend on.
     */
    public @Nullable Set<String> spared() {
        return needed ? null : Set.copyOf(spared);
    }

    private void fault(String path, boolean optional, Position at, String message) {
        faults.add(at, message);
        Matcher upstream = UPSTREAM.matcher(path);
        if (upstream.lookingAt()) {
            spared.add(upstream.group());
        } else if (optional && lists == 0 && !DEPENDED_ON.contains(path)) {
            spared.add(path);
        } else {
            needed = true;
        }
    }

    /** Notes every fault of the entry as a value of the record type. */
    public void check(String path, SpringYaml.Entry entry, Class<?> type) {
        if (entry.value() != null) {
            if (!isNothing(entry.value())) {
                fault(
                        path,
                        false,
                        entry.value().at(),
                        "'" + path + "' must be a mapping, found "
                                + entry.value().kind());
            }
            return;
        }
        RecordComponent[] components = type.getRecordComponents();
        List<String> known = Arrays.stream(components).map(PropertyKeys::key).toList();
        entry.members().forEach((key, member) -> {
            RecordComponent component = find(components, key);
            if (component == null) {
                String meant = DidYouMean.nearest(key, known);
                needed |= meant != null && DEPENDED_ON.contains(path + "." + meant);
                faults.add(member.at(), stranger(key, path, known));
            } else {
                value(path + "." + key, !isRequired(type, component), member, component.getGenericType());
            }
        });
        for (RecordComponent component : components) {
            String key = key(component);
            boolean given = entry.members().keySet().stream()
                    .anyMatch(name -> plain(name).equals(plain(key)));
            if (isRequired(type, component) && !given && !elsewhere.test(path + "." + key)) {
                fault(path, false, entry.at(), "missing key '" + key + "' under '" + path + "'");
            }
        }
    }

    /** Why nothing is bound to a name under {@code errand}; null if something is. */
    public static @Nullable String unknown(ConfigurationPropertyName name) {
        Type type = ErrandProperties.class;
        for (int i = 1; i < name.getNumberOfElements(); i++) {
            String key = name.getElement(i, ConfigurationPropertyName.Form.ORIGINAL);
            RecordComponent[] components = type instanceof Class<?> plain && plain.isRecord()
                    ? plain.getRecordComponents()
                    : new RecordComponent[0];
            RecordComponent component = find(components, key);
            if (component != null) {
                type = component.getGenericType();
            } else if (type instanceof ParameterizedType generic) {
                type = generic.getActualTypeArguments()[generic.getActualTypeArguments().length - 1];
                if (type == String.class && generic.getRawType() == Map.class) {
                    return null;
                }
            } else {
                List<String> known =
                        Arrays.stream(components).map(PropertyKeys::key).toList();
                return stranger(key, name.chop(i).toString(), known);
            }
        }
        return null;
    }

    /** The required keys that a bound value lacks, each with its path: those of entries that stand elsewhere than in the file. */
    public static Stream<String> missing(String path, @Nullable Object bound) {
        if (bound instanceof Map<?, ?> map) {
            return map.entrySet().stream().flatMap(each -> missing(path + "." + each.getKey(), each.getValue()));
        }
        if (bound instanceof List<?> list) {
            return IntStream.range(0, list.size()).boxed().flatMap(i -> missing(path + "[" + i + "]", list.get(i)));
        }
        if (!(bound instanceof Record entry)) {
            return Stream.empty();
        }
        return Arrays.stream(entry.getClass().getRecordComponents()).flatMap(component -> {
            String key = path + "." + key(component);
            Object value = value(entry, component);
            return value == null && isRequired(entry.getClass(), component) ? Stream.of(key) : missing(key, value);
        });
    }

    private static @Nullable Object value(Record entry, RecordComponent component) {
        try {
            Method accessor = component.getAccessor();
            accessor.setAccessible(true);
            return accessor.invoke(entry);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("each component has its accessor", e);
        }
    }

    private static String stranger(String key, String path, List<String> known) {
        return "unknown key '" + key + "' under '" + path + "'" + DidYouMean.hint(key, known);
    }

    /** Whether Spring reads a bracket of the name as an index. It does not if the whole name stands in brackets. */
    private static boolean hasIndex(String name) {
        String plain = name.startsWith("[") && name.endsWith("]") ? name.substring(1, name.length() - 1) : name;
        return plain.contains("[") || plain.contains("]");
    }

    private static boolean isRequired(Class<?> type, RecordComponent component) {
        return !component.getAnnotatedType().isAnnotationPresent(Nullable.class) && !isDefaulted(type, component);
    }

    private void value(String path, boolean optional, SpringYaml.Entry entry, Type type) {
        if (type instanceof ParameterizedType generic) {
            Type inner = generic.getActualTypeArguments()[generic.getActualTypeArguments().length - 1];
            if (generic.getRawType() == Map.class) {
                // Where each member is a text, a name is free, and a dot is a part of it.
                (inner == String.class ? entry.written() : entry.members()).forEach((key, member) -> {
                    if (inner == String.class && hasIndex(key)) {
                        fault(
                                path,
                                optional,
                                member.at(),
                                "'" + key + "' under '" + path + "' must be without [ and ]");
                    } else {
                        value(path + "." + key, optional, member, inner);
                    }
                });
            } else {
                list(path, optional, entry, inner);
            }
        } else if (type instanceof Class<?> plain && plain.isRecord()) {
            check(path, entry, plain);
        } else {
            scalar(path, path, optional, entry, (Class<?>) type);
        }
    }

    private void list(String path, boolean optional, SpringYaml.Entry entry, Type inner) {
        if (entry.value() instanceof YamlList list) {
            for (int i = 0; i < list.items().size(); i++) {
                SpringYaml.Entry item = SpringYaml.Entry.of(list.items().get(i));
                String at = path + "[" + i + "]";
                if (inner instanceof Class<?> plain && !plain.isRecord()) {
                    scalar(at, path, optional, item, plain);
                } else {
                    lists++;
                    value(at, false, item, inner);
                    lists--;
                }
            }
        } else if (inner == String.class) {
            scalar(path, path, optional, entry, String.class);
        } else if (entry.value() == null || !isNothing(entry.value())) {
            fault(
                    path,
                    optional,
                    entry.value() == null ? entry.at() : entry.value().at(),
                    "'" + path + "' must be a list");
        }
    }

    /** @param whole what the value is spared with: its list, or itself */
    private void scalar(String path, String whole, boolean optional, SpringYaml.Entry entry, Class<?> type) {
        YamlNode value = entry.value();
        if (!(value instanceof YamlScalar scalar)) {
            fault(
                    whole,
                    optional,
                    value == null ? entry.at() : value.at(),
                    "'" + path + "' must be " + expected(type) + ", found "
                            + (value == null ? "a mapping" : value.kind()));
            return;
        }
        if (isNothing(value) || scalar.text().contains("${")) {
            return;
        }
        if (type == Duration.class && scalar.text().matches("[1-9][0-9]*")) {
            // Spring would read a number without a unit as milliseconds, which is rarely meant.
            fault(whole, optional, value.at(), "'" + path + "' must be " + expected(type) + ", found " + value.kind());
            return;
        }
        try {
            Object read = ApplicationConversionService.getSharedInstance().convert(scalar.text(), type);
            // With a duration of zero nothing could ever be accepted or waited for.
            if (read instanceof Duration duration
                    && (duration.isNegative() || (duration.isZero() && !mayBeZero(path)))) {
                fault(
                        whole,
                        optional,
                        value.at(),
                        "'" + path + "' must be " + expected(type) + ", and longer than 0, found " + value.kind());
            }
        } catch (ConversionException e) {
            fault(whole, optional, value.at(), "'" + path + "' must be " + expected(type) + ", found " + value.kind());
        }
    }

    /**
     * Whether 0 is allowed: for a clock skew, for deadlines of connections (none), for the wait for a store, and for
     * the drain.
     */
    private static boolean mayBeZero(String path) {
        return path.endsWith("clock-skew")
                || path.startsWith("errand.server.")
                || path.equals("errand.state.wait")
                || path.equals("errand.drain");
    }

    private static String expected(Class<?> type) {
        if (type.isEnum()) {
            List<String> names = new ArrayList<>();
            for (Object constant : type.getEnumConstants()) {
                names.add(constant.toString().toLowerCase(Locale.ROOT));
            }
            return "one of " + String.join(", ", names);
        }
        if (type == Duration.class) {
            return "a duration such as 50ms, 30s or 1h";
        }
        if (type == long.class || type == int.class) {
            return "a whole number";
        }
        return type == boolean.class ? "true or false" : type == Path.class ? "a path" : "a string";
    }

    private static boolean isNothing(YamlNode node) {
        return node instanceof YamlScalar scalar && scalar.type() == YamlScalar.Type.NULL;
    }

    private static boolean isDefaulted(Class<?> type, RecordComponent component) {
        // DefaultValue is an annotation of parameters. It is found at the constructor, and not at the component.
        return Arrays.stream(type.getDeclaredConstructors()[0].getParameters())
                .anyMatch(p -> p.getName().equals(component.getName()) && p.isAnnotationPresent(DefaultValue.class));
    }

    private static @Nullable RecordComponent find(RecordComponent[] components, String key) {
        return Arrays.stream(components)
                .filter(c -> plain(key(c)).equals(plain(key)))
                .findFirst()
                .orElse(null);
    }

    /** The key that a component is bound to: the component's name, unless Java does not allow the key as a name. */
    private static String key(RecordComponent component) {
        try {
            Name other = component
                    .getDeclaringRecord()
                    .getDeclaredField(component.getName())
                    .getAnnotation(Name.class);
            return other == null ? kebab(component.getName()) : other.value();
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException("each component has its field", e);
        }
    }

    /** The component's name as a key is written. */
    public static String kebab(String name) {
        return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    /** A key as Spring compares keys: without dashes, in lower case. */
    private static String plain(String name) {
        return name.replace("-", "").replace("_", "").toLowerCase(Locale.ROOT);
    }
}
