package dev.errand.gateway.operator;

import java.util.Map;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * The operator's console: one static page on the operator's API, with a script and a style of its own and nothing from
 * elsewhere. It holds no credential: the browser asks for it and sends it.
 */
final class Console {
    /** Its own script and style, requests to its own port, nothing else; in no frame of another page. */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
            + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final Map<String, MediaType> FILES = Map.of(
            "console.js", new MediaType("text", "javascript"),
            "console.css", new MediaType("text", "css"));

    private Console() {}

    static RouterFunction<ServerResponse> routes() {
        RouterFunctions.Builder routes = RouterFunctions.route()
                .GET("/", request -> file("console.html", MediaType.TEXT_HTML))
                .GET("/console", request -> file("console.html", MediaType.TEXT_HTML));
        FILES.forEach((name, type) -> routes.GET("/console/" + name, request -> file(name, type)));
        return routes.build();
    }

    private static Mono<ServerResponse> file(String name, MediaType type) {
        return ServerResponse.ok()
                .contentType(new MediaType(type, java.nio.charset.StandardCharsets.UTF_8))
                .cacheControl(CacheControl.noStore())
                .header("Content-Security-Policy", POLICY)
                .header("X-Content-Type-Options", "nosniff")
                .header("X-Frame-Options", "DENY")
                .header("Referrer-Policy", "no-referrer")
                .header("Cross-Origin-Opener-Policy", "same-origin")
                .header("Cross-Origin-Resource-Policy", "same-origin")
                .bodyValue(new ClassPathResource("console/" + name));
    }
}
