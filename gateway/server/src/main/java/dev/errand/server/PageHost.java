package dev.errand.server;

import java.util.Locale;
import java.util.regex.Pattern;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.http.server.reactive.HttpHandlerDecoratorFactory;

/**
 * The host of the pages on which people approve ({@code errand.approvals.url}). Nothing else is served there, whatever the routes
 * are, so that no upstream's answer can act in the name of a human who is signed in. Thread-safe.
 *
 * @param authority in lower case
 */
record PageHost(String authority) implements HttpHandlerDecoratorFactory {
    /** The paths that the pages answer themselves, so that no route does. */
    private static final Pattern PAGES = Pattern.compile("/approvals(/[A-Za-z0-9._-]+)?|/start|/errands");

    @Override
    public HttpHandler apply(HttpHandler handler) {
        return (request, response) -> {
            String host = request.getHeaders().getFirst("Host");
            boolean page = PAGES.matcher(request.getURI().getRawPath()).matches();
            if (page || host == null || !host.toLowerCase(Locale.ROOT).equals(authority)) {
                return handler.handle(request, response);
            }
            response.setStatusCode(HttpStatus.NOT_FOUND);
            return response.setComplete();
        };
    }
}
