package dev.errand.autoconfigure;

import dev.errand.config.Fault;
import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.config.YamlScalar;
import dev.errand.json.DidYouMean;
import java.net.URI;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The routes in {@code application.yaml}: finds their unknown words, and the places of their faults. */
final class RoutePositions {
    /** The key of Spring Cloud Gateway's settings. */
    public static final String GATEWAY = "spring.cloud.gateway.server.webflux";
    /** The key of the routes. */
    public static final String ROUTES = GATEWAY + ".routes";
    /** The key of the filters that every route has unless it names its own. */
    public static final String DEFAULT_FILTERS = GATEWAY + ".default-filters";

    private static final Set<String> WEB = Set.of("http", "https", "ws", "wss");
    private static final String[] KEYS = {"id", "uri", "predicates", "filters", "metadata", "order", "enabled"};

    private final Map<String, YamlMap> byId = new HashMap<>();
    private final Position file = new Position(SpringYaml.FILE, 1, 1);
    private final @Nullable SpringYaml yaml;

    /** @param yaml the file; null if there is none: then every place is the beginning of the file */
    public RoutePositions(@Nullable SpringYaml yaml) {
        this.yaml = yaml;
        for (YamlNode route : items(ROUTES)) {
            if (route instanceof YamlMap one && one.optional("id") instanceof YamlScalar id) {
                byId.put(id.text(), one);
            }
        }
    }

    private List<YamlNode> items(String path) {
        SpringYaml.Entry entry = yaml == null ? null : yaml.find(path);
        return entry != null && entry.value() instanceof YamlList list ? list.items() : List.of();
    }

    /**
     * Adds faults for unknown keys of routes, and for unknown filters and predicates. Returns the ids of the routes that have one,
     * by themselves or by a default filter.
     */
    public Set<String> unknownWords(Collection<String> filters, Collection<String> predicates, Faults faults) {
        Set<String> faulty = new HashSet<>();
        for (YamlNode route : items(ROUTES)) {
            int before = faults.count();
            YamlMap map = route.map(faults);
            if (map != null) {
                map.unknownKeys(faults, KEYS);
                map.requiredString("id", faults);
                uri(map, faults);
                names(map, "filters", "filter", filters, faults);
                names(map, "predicates", "predicate", predicates, faults);
            }
            if (faults.count() > before && map != null && map.optional("id") instanceof YamlScalar id) {
                faulty.add(id.text());
            }
        }
        int before = faults.count();
        items(DEFAULT_FILTERS).forEach(item -> name(item, "filter", filters, faults));
        if (faults.count() > before) {
            faulty.addAll(byId.keySet());
        }
        return faulty;
    }

    private static void uri(YamlMap route, Faults faults) {
        String uri = route.requiredString("uri", faults);
        YamlNode node = route.optional("uri");
        if (uri == null || node == null || uri.contains("${")) {
            return;
        }
        try {
            URI read = URI.create(uri);
            if (read.getScheme() == null) {
                faults.add(node.at(), noAddress(uri));
            } else if (read.getHost() == null && WEB.contains(read.getScheme().toLowerCase(Locale.ROOT))) {
                faults.add(
                        node.at(),
                        "the address names no host: write http://host:port, a host of letters, digits, '-' and '.',"
                                + " whose last part begins with a letter");
            }
        } catch (IllegalArgumentException e) {
            faults.add(node.at(), noAddress(uri));
        }
    }

    /** The address without the part that may hold a password. */
    private static String noAddress(String uri) {
        return (uri.contains("@") ? "this" : "'" + uri + "'") + " is no address: write http://host:port";
    }

    /** How many routes the file has, with or without faults. */
    public int count() {
        return items(ROUTES).size();
    }

    private static void names(YamlMap route, String key, String what, Collection<String> known, Faults faults) {
        if (route.optional(key) instanceof YamlList list) {
            list.items().forEach(item -> name(item, what, known, faults));
        } else if (route.optional(key) != null) {
            faults.add(route.at(key), "'" + key + "' must be a list");
        }
    }

    private static void name(YamlNode item, String what, Collection<String> known, Faults faults) {
        String name = nameOf(item);
        if (name == null) {
            faults.add(item.at(), "expected a " + what + " such as Name=value, or {name: , args: }");
        } else if (!known.contains(name) && !name.contains("${")) {
            faults.add(item.at(), "there is no " + what + " '" + name + "'" + DidYouMean.hint(name, known));
        }
    }

    private static @Nullable String nameOf(YamlNode item) {
        if (item instanceof YamlScalar scalar) {
            int equals = scalar.text().indexOf('=');
            return equals < 0 ? scalar.text() : scalar.text().substring(0, equals);
        }
        return item instanceof YamlMap map && map.optional("name") instanceof YamlScalar name ? name.text() : null;
    }

    /** The faults with their places. */
    public List<Fault> locate(List<RouteRules.RouteFault> faults) {
        return faults.stream()
                .map(fault -> Fault.of(at(fault), "route '" + fault.route() + "' " + fault.message()))
                .toList();
    }

    /** The place of a fault. If the fault begins with the name of a filter or predicate, the place is there. */
    private Position at(RouteRules.RouteFault fault) {
        YamlMap route = byId.get(fault.route());
        if (route == null) {
            return file;
        }
        for (String key : List.of("filters", "predicates")) {
            for (YamlNode item : route.optional(key) instanceof YamlList list ? list.items() : List.<YamlNode>of()) {
                String name = nameOf(item);
                if (name != null && fault.message().matches("(?s)(has )?" + Pattern.quote(name) + "\\b.*")) {
                    return item.at();
                }
            }
        }
        return route.at();
    }
}
