package dev.errand.web.stage;

import dev.errand.operation.RequestHeaders;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.springframework.http.HttpHeaders;

/**
 * Spring's headers as the catalogues see them.
 *
 * @param headers what the client sent
 * @param lowerNames the names of the fields that are seen, in lower case
 * @param repeatedNames the folded names of the fields that the client sent more than once
 * @param hidden the names, in lower case, of fields that will not be sent on, so they must not affect the decision
 */
record HeaderView(HttpHeaders headers, List<String> lowerNames, List<String> repeatedNames, Set<String> hidden)
        implements RequestHeaders {
    /** Every field that the client sent: any of them may make the request malformed. */
    static HeaderView asSent(HttpHeaders headers) {
        SentNames names = new SentNames();
        headers.forEach(names);
        return new HeaderView(headers, names.all(), names.repeated(), Set.of());
    }

    @Override
    public List<String> values(String name) {
        return hidden.contains(name.toLowerCase(Locale.ROOT)) ? List.of() : headers.getOrEmpty(name);
    }

    @Override
    public Set<String> names() {
        if (hidden.isEmpty()) {
            return headers.headerNames();
        }
        Set<String> names = new LinkedHashSet<>(headers.headerNames());
        names.removeIf(name -> hidden.contains(name.toLowerCase(Locale.ROOT)));
        return names;
    }
}
