package dev.errand.offline.proof;

import dev.errand.operation.CatalogueRequest;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.OperationForm;
import dev.errand.operation.RequestHeaders;
import dev.errand.operation.Resolution;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One request for each method and path that a catalogue names, imported ones too. */
final class RequestSamples {
    private static final RequestHeaders NO_HEADERS = new RequestHeaders() {
        @Override
        public List<String> values(String name) {
            return List.of();
        }

        @Override
        public Set<String> names() {
            return Set.of();
        }
    };

    private RequestSamples() {}

    /** A request. */
    record Sample(String method, String path, @Nullable String query) {
        /** The operation that the catalogue names it; null if it names none, or several. */
        @Nullable Operation in(OperationCatalogue catalogue) {
            byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
            Resolution named = catalogue.resolve(new CatalogueRequest(method, path, query, NO_HEADERS, body));
            return named instanceof Resolution.Resolved resolved
                            && resolved.calls().size() == 1
                    ? resolved.calls().get(0).operation()
                    : null;
        }

        @Override
        public String toString() {
            return method + " " + path + (query == null ? "" : "?" + query);
        }
    }

    /** The requests of all catalogues, by the catalogue's name. */
    static Map<String, Set<Sample>> of(Map<String, OperationCatalogue> catalogues) {
        Map<String, Set<Sample>> samples = new TreeMap<>();
        catalogues.forEach((name, catalogue) -> {
            for (OperationForm form : catalogue.forms()) {
                for (String method :
                        form.method().isEmpty() ? new String[0] : form.method().split(",")) {
                    samples.computeIfAbsent(name, each -> new LinkedHashSet<>()).add(sample(method, form.path()));
                }
            }
        });
        return samples;
    }

    private static Sample sample(String method, String form) {
        int mark = form.indexOf('?');
        String path = (mark < 0 ? form : form.substring(0, mark)).replaceAll("\\{[^}]*\\}", "x1");
        return new Sample(method, path, mark < 0 ? null : form.substring(mark + 1));
    }
}
