package dev.errand.web;

import dev.errand.operation.RequestHeaders;
import java.util.List;
import java.util.Set;
import org.springframework.http.HttpHeaders;

/** Spring's headers as the catalogues see them. */
record HeaderView(HttpHeaders headers) implements RequestHeaders {
    @Override
    public List<String> values(String name) {
        return headers.getOrEmpty(name);
    }

    @Override
    public Set<String> names() {
        return headers.headerNames();
    }
}
