package dev.errand.operator;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * The operator's console: one static page on the operator's API, with scripts, a style and an icon of its own and nothing from
 * elsewhere. It holds no state and no credential. A browser without a credential gets the page as the body of a 401, and the
 * page asks for the credential. Thread-safe.
 */
final class Console {
    /**
     * The page may load its own scripts, style and icon and send requests to its own port, nothing else. No other page may frame it.
     * No text can become markup: the page has no policy of trusted types that would allow it.
     */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
            + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
            + " require-trusted-types-for 'script'; trusted-types 'none'";

    private static final MediaType SCRIPT = new MediaType("text", "javascript", StandardCharsets.UTF_8);
    private static final MediaType STYLE = new MediaType("text", "css", StandardCharsets.UTF_8);
    private static final MediaType ICON = new MediaType("image", "svg+xml", StandardCharsets.UTF_8);

    /** The modules. {@code console.js} is the first, and loads the others. */
    static final List<String> MODULES = List.of(
            "console",
            "api",
            "approvals",
            "banners",
            "calls",
            "chart",
            "dom",
            "fleet",
            "interrupt",
            "locks",
            "plan",
            "refusals",
            "sign-in",
            "standing",
            "task",
            "tasks",
            "words");

    private Console() {}

    static RouterFunction<ServerResponse> routes() {
        RouterFunctions.Builder routes = RouterFunctions.route()
                .GET(ConsoleVisit.PAGE, request -> page(request, List.of(OperatorGuard.BEARER)))
                .GET(
                        ConsoleVisit.PAGE_BY_PASSWORD,
                        request -> page(request, List.of(OperatorGuard.BEARER, OperatorGuard.BASIC)))
                .GET("/console/console.css", request -> part("console.css", STYLE))
                .GET("/console/icon.svg", request -> part("icon.svg", ICON));
        MODULES.forEach(name -> routes.GET("/console/" + name + ".js", request -> part(name + ".js", SCRIPT)));
        return routes.build();
    }

    private static Mono<ServerResponse> page(ServerRequest request, List<String> challenges) {
        boolean known = Operator.isKnown(request);
        ServerResponse.BodyBuilder answer = ServerResponse.status(known ? HttpStatus.OK : HttpStatus.UNAUTHORIZED);
        if (!known) {
            answer.headers(headers -> headers.put(HttpHeaders.WWW_AUTHENTICATE, challenges));
        }
        return file(answer, "console.html", new MediaType(MediaType.TEXT_HTML, StandardCharsets.UTF_8));
    }

    private static Mono<ServerResponse> part(String name, MediaType type) {
        return file(ServerResponse.ok(), name, type);
    }

    private static Mono<ServerResponse> file(ServerResponse.BodyBuilder answer, String name, MediaType type) {
        return answer.contentType(type)
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
