package dev.errand.operation;

import dev.errand.config.Faults;
import dev.errand.template.CatalogueLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Requests and catalogues for tests, valid by default. */
public final class Requests {
    private Requests() {}

    /** Header fields given as name, value, name, value. */
    public static RequestHeaders headers(String... fields) {
        Map<String, List<String>> map = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (int i = 0; i < fields.length; i += 2) {
            map.computeIfAbsent(fields[i], name -> new ArrayList<>()).add(fields[i + 1]);
        }
        return new RequestHeaders() {
            @Override
            public List<String> values(String name) {
                return map.getOrDefault(name, List.of());
            }

            @Override
            public Set<String> names() {
                return map.keySet();
            }
        };
    }

    public static CatalogueRequest request(String method, String target, String... headers) {
        return withBody(method, target, null, headers);
    }

    public static CatalogueRequest withBody(String method, String target, String body, String... headers) {
        int mark = target.indexOf('?');
        return new CatalogueRequest(
                method,
                mark < 0 ? target : target.substring(0, mark),
                mark < 0 ? null : target.substring(mark + 1),
                headers(headers),
                body == null ? null : body.getBytes(StandardCharsets.UTF_8));
    }

    /** The catalogue of a text that must be good. */
    public static OperationCatalogue catalogue(String yaml) {
        Faults faults = new Faults();
        OperationCatalogue catalogue = CatalogueLoader.parse("c.yaml", yaml, Path.of("."), faults);
        if (catalogue == null) {
            throw new AssertionError(faults.toString());
        }
        return catalogue;
    }

    /** One line that says what a request turned out to be. */
    public static String outcome(OperationCatalogue catalogue, CatalogueRequest request) {
        Resolution found = catalogue.resolve(request);
        if (found instanceof Resolution.Resolved resolved) {
            return String.join(
                    ", ",
                    resolved.calls().stream()
                            .map(call -> call.operation().id() + " on " + call.resource())
                            .toList());
        } else if (found instanceof Resolution.Ambiguous ambiguous) {
            return "ambiguous " + ambiguous.candidates();
        }
        return found instanceof Resolution.Malformed ? "malformed" : "unknown";
    }
}
