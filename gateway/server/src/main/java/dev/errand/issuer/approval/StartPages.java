package dev.errand.issuer.approval;

import dev.errand.issuer.AskedTasks;
import dev.errand.issuer.AskedTasks.Seen;
import dev.errand.issuer.FormBody;
import dev.errand.template.AllowedStart;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * The pages on which people allow tasks that agents ask for (RFC 8628 section 3.3). The first half of a code finds a request, and only
 * for somebody who is signed in and may allow it. To allow it, the human types the second half, and signs in anew. A refusal counts at
 * once. Wrong codes are bounded. Thread-safe, never blocking.
 */
final class StartPages {
    static final String PATH = AskedTasks.PAGE;

    private final AskedTasks asked;
    private final WrongCodes wrong;
    private final StartSentences reading;
    private final PageVisits visits;
    private final PageSignIns signIns;
    private final PageAnswers answers;

    StartPages(AskedTasks asked, WrongCodes wrong, StartSentences reading, PageVisits visits) {
        this.asked = asked;
        this.wrong = wrong;
        this.reading = reading;
        this.visits = visits;
        this.signIns = visits.signIns();
        this.answers = signIns.answers();
    }

    /** The routes of the pages. */
    RouterFunction<ServerResponse> router() {
        return RouterFunctions.route()
                .GET(PATH, PageVisits::wantsPage, request -> {
                    String first = first(request.queryParam("user_code").orElse(null));
                    return visits.shown(
                            request,
                            PageErrand.start(first),
                            session -> first == null ? typed(session, request) : one(session, first));
                })
                .POST(PATH, PageVisits::hasForm, request -> visits.guarded(decide(request)))
                .build();
    }

    /** The first half of what a human typed; null if that is none. */
    private static @Nullable String first(@Nullable String typed) {
        String letters = letters(typed);
        String first = letters.substring(0, Math.min(letters.length(), 4));
        return AskedTasks.isHalf(first) ? first : null;
    }

    private static String letters(@Nullable String typed) {
        return typed == null || typed.length() > 32
                ? ""
                : typed.replaceAll("[\\s-]", "").toUpperCase(Locale.ROOT);
    }

    private Mono<ServerResponse> typed(PageSession session, ServerRequest request) {
        boolean none = request.queryParam("user_code").isEmpty();
        return none
                ? answers.page(HttpStatus.OK, StartPage.code(answers.frame(), session.reader()), null)
                : notice(session, HttpStatus.NOT_FOUND, NoticePage.NO_TASK);
    }

    private Mono<ServerResponse> one(PageSession session, String first) {
        return tried(session, first, seen -> seen)
                .flatMap(tried -> tried.seen().isEmpty()
                        ? tried.answer()
                        : reading.read(tried.seen().get(), session.decider().human())
                                .flatMap(shown -> answers.page(
                                        HttpStatus.OK,
                                        new StartPage(answers.frame(), session.reader(), shown).html(),
                                        null)));
    }

    /**
     * The result of a try.
     *
     * @param answer what is answered if nothing was found
     */
    private record Tried(Optional<Seen> seen, Mono<ServerResponse> answer) {}

    /**
     * Looks a request up, and counts a code that is wrong.
     *
     * @param check leaves the request out if the human's code is wrong
     */
    private Mono<Tried> tried(PageSession session, String first, Function<Optional<Seen>, Optional<Seen>> check) {
        Decider human = session.decider();
        Mono<ServerResponse> unknown = notice(session, HttpStatus.NOT_FOUND, NoticePage.NO_TASK);
        Mono<ServerResponse> many = notice(session, HttpStatus.TOO_MANY_REQUESTS, NoticePage.TOO_MANY_CODES);
        if (human.digests() != null) {
            return Mono.just(new Tried(Optional.empty(), unknown));
        }
        return wrong.take(human.human())
                .flatMap(mark -> asked.see(first, human.human(), human.claims())
                        .map(check)
                        .flatMap(seen -> (seen.isPresent() ? wrong.right(human.human(), mark) : wrong.wrong(mark))
                                .thenReturn(new Tried(seen, unknown))))
                .defaultIfEmpty(new Tried(Optional.empty(), many));
    }

    private Mono<ServerResponse> decide(ServerRequest request) {
        return visits.session(request).flatMap(found -> {
            if (found.isEmpty()) {
                return answers.redirect(
                        HttpStatus.SEE_OTHER, URI.create(answers.frame().base() + PATH), null);
            }
            return visits.form(request).flatMap(form -> decide(request, found.get(), form));
        });
    }

    private Mono<ServerResponse> decide(ServerRequest request, PageSession session, FormBody form) {
        String first = first(form.get("user_code"));
        String word = String.valueOf(form.get("decision"));
        String digest = form.get("digest");
        boolean known = word.equals("allow") || word.equals("refuse");
        if (first == null
                || !known
                || !PageErrand.isDigest(digest)
                || !session.session().isFormToken(StartPage.form(first), form.get("token"))) {
            return notice(session, HttpStatus.FORBIDDEN, NoticePage.FORGED);
        }
        String seenDigest = String.valueOf(digest);
        boolean allows = word.equals("allow");
        String second = letters(form.get("confirm"));
        return tried(session, first, seen -> seen.filter(one -> !allows || confirms(one, second)))
                .flatMap(tried -> {
                    if (tried.seen().isEmpty()) {
                        return tried.answer();
                    }
                    if (!tried.seen().get().request().digest().equals(seenDigest)) {
                        return notice(session, HttpStatus.CONFLICT, NoticePage.CHANGED_TASK);
                    }
                    return allows
                            ? signIns.begin(
                                    request,
                                    HttpStatus.SEE_OTHER,
                                    PageErrand.allow(first, seenDigest, session),
                                    PageSignIns.demands(
                                            StartDecisions.signIn(tried.seen().get())))
                            : refuse(session, first, seenDigest);
                });
    }

    private static AllowedStart allowed(Seen seen) {
        return seen.grant().template().admission().allowed();
    }

    /** Whether the human typed the second half of the code, or need not. */
    private static boolean confirms(Seen seen, String typed) {
        byte[] second = seen.request().code().second().getBytes(StandardCharsets.US_ASCII);
        return !allowed(seen).confirm() || MessageDigest.isEqual(second, typed.getBytes(StandardCharsets.UTF_8));
    }

    private Mono<ServerResponse> refuse(PageSession session, String first, String digest) {
        Decider human = session.decider();
        return asked.decide(first, digest, false, human.human(), human.claims())
                .flatMap(done -> done
                        ? notice(session, HttpStatus.OK, NoticePage.REFUSED_TASK)
                        : notice(session, HttpStatus.CONFLICT, NoticePage.CHANGED_TASK));
    }

    private Mono<ServerResponse> notice(PageSession session, HttpStatus status, NoticePage notice) {
        boolean code = notice == NoticePage.NO_TASK || notice == NoticePage.TOO_MANY_CODES;
        return answers.notice(status, notice, session.reader(), code ? PATH : ApprovalRoutes.PATH, null);
    }
}
