package dev.errand.issuer.approval;

import dev.errand.signin.SignIn;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseCookie;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * Sends pages with headers by which no cache keeps them, no frame shows them, no script runs, and the next page gets
 * no {@code Referer}. Thread-safe.
 */
record PageAnswers(PageFrame frame, SignIn signIn) {
    private static final MediaType HTML = new MediaType(MediaType.TEXT_HTML, StandardCharsets.UTF_8);

    Mono<ServerResponse> page(HttpStatus status, String html, @Nullable ResponseCookie cookie) {
        ServerResponse.BodyBuilder response = ServerResponse.status(status).headers(this::guard);
        if (cookie != null) {
            response.cookie(cookie);
        }
        return response.contentType(HTML).bodyValue(html);
    }

    Mono<ServerResponse> notice(HttpStatus status, NoticePage notice) {
        return notice(status, notice, null, ApprovalRoutes.PATH, null);
    }

    /** @param path the path of the next page */
    Mono<ServerResponse> notice(
            HttpStatus status,
            NoticePage notice,
            PageFrame.@Nullable Reader reader,
            String path,
            @Nullable ResponseCookie cookie) {
        return page(status, notice.of(frame, reader, frame.base() + path), cookie);
    }

    Mono<ServerResponse> redirect(HttpStatus status, URI location, @Nullable ResponseCookie cookie) {
        ServerResponse.BodyBuilder response =
                ServerResponse.status(status).headers(this::guard).location(location);
        if (cookie != null) {
            response.cookie(cookie);
        }
        return response.build();
    }

    private void guard(HttpHeaders headers) {
        headers.set("Cache-Control", "no-store");
        headers.set("Content-Security-Policy", PageFrame.policy(signIn.providerOrigin()));
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("X-Frame-Options", "DENY");
        headers.set("Cross-Origin-Opener-Policy", "same-origin");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
    }
}
