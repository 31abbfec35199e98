package dev.errand.issuer.approval;

import dev.errand.issuer.AwayLog;
import dev.errand.issuer.Dependency;
import dev.errand.issuer.FormBody;
import dev.errand.state.StoreUnavailableException;
import dev.errand.trust.LiveDocument.UnavailableException;
import dev.errand.web.BodyReader;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * The visits of people at the pages: their sessions and forms. Thread-safe, never blocking.
 *
 * @param elsewhere the authority from which browsers are redirected to the pages; null if the pages are at the issuer
 */
record PageVisits(
        PageSignIns signIns, BodyReader bodies, @Nullable String elsewhere) {
    private static final int MAX_FORM = 4 * 1024;

    /** Whether a browser sends a form. */
    static boolean hasForm(ServerRequest request) {
        return isOfABrowser(request) && names(request, "Content-Type", MediaType.APPLICATION_FORM_URLENCODED);
    }

    /** Whether a browser asks for a page. */
    static boolean wantsPage(ServerRequest request) {
        return isOfABrowser(request) && names(request, "Accept", MediaType.TEXT_HTML);
    }

    /** Whether a browser asks. A program sends its human's token in {@code Authorization}, whatever the type of its body. */
    private static boolean isOfABrowser(ServerRequest request) {
        return !request.headers().asHttpHeaders().containsHeader("Authorization");
    }

    /** Whether the field names the type itself: a range, as programs send it, does not. A malformed field names nothing. */
    private static boolean names(ServerRequest request, String field, MediaType type) {
        try {
            return MediaType.parseMediaTypes(request.headers().header(field)).stream()
                    .anyMatch(each -> each.equalsTypeAndSubtype(type) && each.getQualityValue() > 0);
        } catch (InvalidMediaTypeException e) {
            return false;
        }
    }

    /** The answer, or a page that says that a dependency is away. */
    Mono<ServerResponse> guarded(Mono<ServerResponse> answer) {
        return answer.onErrorResume(StoreUnavailableException.class, away -> away(Dependency.STATE, away))
                .onErrorResume(UnavailableException.class, away -> away(Dependency.IDENTITY_PROVIDER, away));
    }

    private Mono<ServerResponse> away(Dependency dependency, Throwable away) {
        AwayLog.SHARED.refuse(dependency, String.valueOf(away.getMessage()));
        return signIns.answers().notice(HttpStatus.SERVICE_UNAVAILABLE, NoticePage.AWAY);
    }

    /** Shows a page to somebody who is signed in; anybody else signs in first, from every address. */
    Mono<ServerResponse> shown(
            ServerRequest request, PageErrand look, Function<PageSession, Mono<ServerResponse>> page) {
        PageAnswers answers = signIns.answers();
        String host = request.headers().asHttpHeaders().getFirst("Host");
        if (elsewhere != null && host != null && host.toLowerCase(Locale.ROOT).equals(elsewhere)) {
            URI there = URI.create(answers.frame().base() + look.path());
            return answers.redirect(HttpStatus.FOUND, there, null);
        }
        return guarded(session(request)
                .flatMap(session -> session.isEmpty() ? signIns.enter(request, look) : page.apply(session.get())));
    }

    /** Who is signed in; empty if nobody is. */
    Mono<Optional<PageSession>> session(ServerRequest request) {
        return signIns.sessions().find(request.exchange().getRequest()).map(found -> found.flatMap(PageSession::of));
    }

    /** The form of the request; an empty form if the body is no form. */
    Mono<FormBody> form(ServerRequest request) {
        return bodies.read(request.exchange().getRequest(), MAX_FORM)
                .map(body -> body instanceof BodyReader.Body.Whole whole
                        ? FormBody.parse(whole.bytes()).orElse(FormBody.NONE)
                        : FormBody.NONE);
    }
}
