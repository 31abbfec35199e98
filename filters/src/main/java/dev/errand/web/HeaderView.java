package dev.errand.web;

import dev.errand.operation.RequestHeaders;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.springframework.http.HttpHeaders;

/**
 * Spring's headers as the catalogues see them.
 *
 * @param headers what the client sent
 * @param hidden canonical names of fields that will not be sent on, and so must not decide anything
 */
record HeaderView(HttpHeaders headers, Set<String> hidden) implements RequestHeaders {
    /** Every field, to refuse by. */
    static HeaderView asSent(HttpHeaders headers) {
        return new HeaderView(headers, Set.of());
    }

    /** The fields that go on to the upstream: what {@code Connection} names or what ends here is not among them. */
    static HeaderView forwarded(HttpHeaders headers) {
        Set<String> named = HopHeaders.namedByConnection(headers);
        Set<String> hidden = new HashSet<>();
        for (String name : headers.headerNames()) {
            String canonical = HopHeaders.canonical(name);
            if (HopHeaders.staysHere(canonical) || named.contains(canonical)) {
                hidden.add(canonical);
            }
        }
        return new HeaderView(headers, hidden);
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
