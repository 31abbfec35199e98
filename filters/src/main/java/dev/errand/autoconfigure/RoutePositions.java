package dev.errand.autoconfigure;

import dev.errand.config.Fault;
import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.config.Yaml;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.config.YamlScalar;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds where in {@code application.yaml} a route stands, so that a fault can say so. */
final class RoutePositions {
    private static final String ROUTES = "spring.cloud.gateway.server.webflux.routes";

    private final Map<String, Position> byId = new HashMap<>();
    private final Position file = new Position("application.yaml", 1, 1);

    RoutePositions(Path directory) {
        YamlNode root = Yaml.read(directory.resolve("application.yaml"), "application.yaml", new Faults());
        if (root instanceof YamlMap map && find(map, ROUTES) instanceof YamlList routes) {
            for (YamlNode route : routes.items()) {
                if (route instanceof YamlMap one && one.optional("id") instanceof YamlScalar id) {
                    byId.put(id.text(), one.at());
                }
            }
        }
    }

    List<Fault> locate(List<RouteRules.RouteFault> faults) {
        return faults.stream()
                .map(fault -> Fault.of(
                        byId.getOrDefault(fault.route(), file), "route '" + fault.route() + "' " + fault.message()))
                .toList();
    }

    /** Spring reads {@code a.b: {c: 1}} and {@code a: {b.c: 1}} alike. */
    private static @Nullable YamlNode find(YamlMap map, String path) {
        YamlNode whole = map.optional(path);
        if (whole != null) {
            return whole;
        }
        for (int dot = path.indexOf('.'); dot > 0; dot = path.indexOf('.', dot + 1)) {
            if (map.optional(path.substring(0, dot)) instanceof YamlMap inner) {
                YamlNode found = find(inner, path.substring(dot + 1));
                if (found != null) {
                    return found;
                }
            }
        }
        return null;
    }
}
