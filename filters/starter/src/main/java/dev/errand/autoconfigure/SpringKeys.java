package dev.errand.autoconfigure;

import dev.errand.config.Faults;
import dev.errand.json.DidYouMean;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Faults for keys under {@code spring.cloud.gateway} that Spring does not know and would silently ignore. The known
 * keys are read from the metadata that Spring's jars hold for editors. Thread-safe.
 */
final class SpringKeys {
    private static final String ROOT = "spring.cloud.gateway";
    private static final String SERVER = ROOT + ".server.webflux";
    private static final String METADATA = "META-INF/spring-configuration-metadata.json";
    /** The switch of a filter or predicate factory, of any name: the metadata does not list all of them. */
    private static final Pattern SWITCH =
            Pattern.compile(Pattern.quote(SERVER) + "\\.(filter|predicate|global-filter)\\.[a-z0-9-]+(\\.enabled)?");

    /**
     * The known keys, each with whether any keys may follow below it. Read once: a process's class path does not
     * change.
     */
    private static final Map<String, Boolean> KNOWN = read();

    private SpringKeys() {}

    static void check(SpringYaml yaml, Faults faults) {
        SpringYaml.Entry root = yaml.find(ROOT);
        if (root != null && !KNOWN.isEmpty()) {
            check(ROOT, root, faults);
        }
    }

    private static void check(String path, SpringYaml.Entry entry, Faults faults) {
        entry.members().forEach((key, member) -> {
            String name = path + "." + kebab(key);
            Boolean open = KNOWN.get(name);
            boolean above = children(name).iterator().hasNext();
            boolean known = open != null || above || SWITCH.matcher(name).matches();
            if (!known && !isToldElsewhere(name)) {
                faults.add(member.at(), "unknown key '" + key + "'" + fix(path, key));
            } else if (known && !Boolean.TRUE.equals(open)) {
                check(name, member, faults);
            }
        });
    }

    /** Whether another check reports the key: the former place of the routes. */
    private static boolean isToldElsewhere(String name) {
        return name.equals(ROOT + ".routes");
    }

    private static String fix(String path, String key) {
        List<String> siblings = children(path);
        String nearest = DidYouMean.nearest(kebab(key), siblings);
        if (nearest != null) {
            return "; did you mean '" + nearest + "'?";
        }
        String moved = SERVER + path.substring(ROOT.length()) + "." + kebab(key);
        return KNOWN.containsKey(moved) || !children(moved).isEmpty()
                ? ": it stands under " + moved.substring(0, moved.lastIndexOf('.')) + " now"
                : ": Spring knows no such key under '" + path + "'; take it out";
    }

    /** The names one level below a key. */
    private static List<String> children(String path) {
        String prefix = path + ".";
        TreeSet<String> names = new TreeSet<>();
        for (String known : KNOWN.keySet()) {
            if (known.startsWith(prefix)) {
                String rest = known.substring(prefix.length());
                int dot = rest.indexOf('.');
                names.add(dot < 0 ? rest : rest.substring(0, dot));
            }
        }
        return List.copyOf(names);
    }

    /**
     * The key in kebab case: {@code maxIdleTime}, {@code max_idle_time} and {@code max-idle-time} are the same key to
     * Spring.
     */
    private static String kebab(String key) {
        return key.replaceAll("([a-z0-9])([A-Z])", "$1-$2").replace('_', '-').toLowerCase(Locale.ROOT);
    }

    private static Map<String, Boolean> read() {
        Map<String, Boolean> known = new TreeMap<>();
        try {
            ClassLoader loader = SpringKeys.class.getClassLoader();
            for (URL url : Collections.list(loader.getResources(METADATA))) {
                if (url.toString().contains("spring-cloud-gateway")) {
                    try (InputStream in = url.openStream()) {
                        properties(Json.parseObject(in.readAllBytes()).get("properties"), known);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (MalformedJsonException e) {
            throw new IllegalStateException("Spring's own metadata cannot be read", e);
        }
        return known;
    }

    private static void properties(@Nullable JsonValue value, Map<String, Boolean> known) {
        if (!(value instanceof JsonArray list)) {
            return;
        }
        for (JsonValue item : list.values()) {
            if (item instanceof JsonObject property) {
                String name = property.string("name");
                String type = String.valueOf(property.string("type"));
                if (name != null && name.startsWith(ROOT + ".")) {
                    known.put(name, type.startsWith("java.util.Map") || type.startsWith("java.util.List"));
                }
            }
        }
    }
}
