package dev.errand.issuer;

import org.springframework.http.HttpMethod;
import org.springframework.web.reactive.function.server.RequestPredicate;
import org.springframework.web.reactive.function.server.RequestPredicates;

/** A document that anybody may read. */
final class PublicDocument {
    private PublicDocument() {}

    /** Requests for the document of that path. The server answers HEAD as GET, without the body (RFC 9110 section 9.3.2). */
    public static RequestPredicate at(String path) {
        return RequestPredicates.methods(HttpMethod.GET, HttpMethod.HEAD).and(RequestPredicates.path(path));
    }
}
