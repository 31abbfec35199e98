package dev.errand.web.operation;

import dev.errand.operation.RequestHeaders;
import dev.errand.operation.header.HeaderRules;
import dev.errand.web.request.HopHeaders;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.springframework.http.HttpHeaders;

/**
 * Spring's headers as the catalogues see them.
 *
 * @param headers what the client sent
 * @param foldedNames the canonical names of the fields that are seen
 * @param repeatedNames the canonical names of the fields that the client sent more than once
 * @param hidden the canonical names of fields that will not be sent on, so they must not affect the decision
 */
record HeaderView(HttpHeaders headers, List<String> foldedNames, List<String> repeatedNames, Set<String> hidden)
        implements RequestHeaders {
    /** Every field that the client sent: any of them may make the request malformed. */
    static HeaderView asSent(HttpHeaders headers) {
        SentNames names = new SentNames();
        headers.forEach(names);
        return new HeaderView(headers, names.all(), names.repeated(), Set.of());
    }

    /** The fields that are sent on: not those that {@code Connection} names, nor those that the rules keep back. */
    HeaderView forwarded(HeaderRules rules) {
        Set<String> named = HopHeaders.namedByConnection(headers);
        List<String> kept = new ArrayList<>(foldedNames.size());
        Set<String> ending = new HashSet<>();
        for (String name : foldedNames) {
            if (!rules.of(name).passes() || named.contains(name)) {
                ending.add(name);
            } else {
                kept.add(name);
            }
        }
        return new HeaderView(headers, kept, repeatedNames, ending);
    }

    @Override
    public List<String> values(String name) {
        return hidden.contains(HopHeaders.canonical(name)) ? List.of() : headers.getOrEmpty(name);
    }

    @Override
    public Set<String> names() {
        if (hidden.isEmpty()) {
            return headers.headerNames();
        }
        Set<String> names = new LinkedHashSet<>(headers.headerNames());
        names.removeIf(name -> hidden.contains(HopHeaders.canonical(name)));
        return names;
    }
}
