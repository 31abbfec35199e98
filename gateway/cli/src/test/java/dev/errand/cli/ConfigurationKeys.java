package dev.errand.cli;

import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.bind.Name;

/** The keys of a configuration's record as the code has them, each with its type and its default. */
final class ConfigurationKeys {
    private final List<Row> rows = new ArrayList<>();

    private ConfigurationKeys() {}

    /**
     * One key.
     *
     * @param type nothing for a text
     * @param fallback what holds where the key is absent: a value, nothing, or {@code required}
     */
    record Row(String key, String type, String fallback) {}

    static List<Row> of(String prefix, Class<?> type) {
        ConfigurationKeys keys = new ConfigurationKeys();
        keys.add(prefix, type);
        return List.copyOf(keys.rows);
    }

    private void add(String path, Class<?> type) {
        for (RecordComponent component : type.getRecordComponents()) {
            String key = path + "." + kebab(component);
            Class<?> raw = component.getType();
            Class<?> element = element(component.getGenericType());
            if (raw == List.class && element.isRecord()) {
                add(key + "[]", element);
            } else if (raw == Map.class && element.isRecord()) {
                add(key + ".<name>", element);
            } else if (raw.isRecord()) {
                add(key, raw);
            } else {
                String held = name(component.getGenericType());
                rows.add(new Row(key, held.equals("text") ? "" : held, fallback(component)));
            }
        }
    }

    private static String fallback(RecordComponent component) {
        DefaultValue value = parameter(component, DefaultValue.class);
        if (value != null) {
            return value.value().length == 0
                    ? ""
                    : Arrays.stream(value.value()).collect(Collectors.joining("`, `", "`", "`"));
        }
        return component.getAnnotatedType().isAnnotationPresent(Nullable.class) ? "" : "required";
    }

    /** What stands at the component: binding reads the parameters of the constructor. */
    private static <A extends java.lang.annotation.Annotation> @Nullable A parameter(
            RecordComponent component, Class<A> annotation) {
        RecordComponent[] all = component.getDeclaringRecord().getRecordComponents();
        Class<?>[] types = Arrays.stream(all).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            Constructor<?> canonical = component.getDeclaringRecord().getDeclaredConstructor(types);
            for (int i = 0; i < all.length; i++) {
                if (all[i].getName().equals(component.getName())) {
                    return canonical.getParameters()[i].getAnnotation(annotation);
                }
            }
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("each record has its canonical constructor", e);
        }
        throw new IllegalStateException("each component has its parameter");
    }

    private static String name(Type type) {
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            String held = name(arguments[arguments.length - 1]);
            return generic.getRawType() == Map.class
                    ? "map of " + held
                    : held.equals("text") ? "list" : "list of " + held;
        }
        Class<?> raw = (Class<?>) type;
        if (raw.isEnum()) {
            return Arrays.stream(raw.getEnumConstants())
                    .map(each -> "`" + each.toString().toLowerCase(Locale.ROOT).replace('_', '-') + "`")
                    .collect(Collectors.joining(" or "));
        }
        if (raw == Duration.class) {
            return "duration";
        }
        if (raw == boolean.class || raw == Boolean.class) {
            return "`true` or `false`";
        }
        if (raw.isPrimitive() || Number.class.isAssignableFrom(raw)) {
            return "number";
        }
        return raw == Path.class ? "path" : "text";
    }

    /** What a list or map holds, else the type itself. */
    private static Class<?> element(Type type) {
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            return element(arguments[arguments.length - 1]);
        }
        return (Class<?>) type;
    }

    private static String kebab(RecordComponent component) {
        Name other = parameter(component, Name.class);
        return other == null
                ? component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT)
                : other.value();
    }
}
