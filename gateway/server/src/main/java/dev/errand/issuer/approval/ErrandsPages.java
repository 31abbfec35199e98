package dev.errand.issuer.approval;

import dev.errand.issuer.FormBody;
import dev.errand.issuer.StandingEnds;
import dev.errand.issuer.StandingEnds.Selection;
import dev.errand.log.EndedBy;
import dev.errand.loop.Uncancelled;
import dev.errand.state.FleetTask;
import dev.errand.state.IndexPage;
import dev.errand.state.IndexQuery;
import dev.errand.state.IndexedTask;
import dev.errand.state.StandingErrand;
import dev.errand.state.StandingErrands.Found;
import dev.errand.task.TaskState;
import dev.errand.token.Human;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * The page where people see what runs for them, and end it: their running tasks, and their standing errands with all runs. Whoever is signed
 * in sees and ends only what runs on behalf of this very human. Thread-safe, never blocking.
 *
 * @param tasks searches the tasks of the fleet
 * @param task finds one of them
 */
record ErrandsPages(
        StandingEnds ends,
        Function<IndexQuery, Mono<IndexPage>> tasks,
        Function<String, Mono<Optional<FleetTask>>> task,
        PageVisits visits,
        Clock clock) {
    static final String PATH = "/errands";

    private static final String FORM = "errands";
    private static final String WHY = "The human ended it at the page.";
    private static final int MOST = 100;
    private static final long WITHIN_MILLIS = 80;
    private static final Pattern ERRAND = Pattern.compile("se-[A-Za-z0-9_-]{22}");
    private static final Pattern TASK = Pattern.compile("t-[A-Za-z0-9_-]{22}");

    /** The routes of the page. */
    RouterFunction<ServerResponse> router() {
        return RouterFunctions.route()
                .GET(PATH, PageVisits::wantsPage, request -> visits.shown(request, PageErrand.ERRANDS, this::list))
                .POST(PATH, PageVisits::hasForm, request -> visits.guarded(end(request)))
                .build();
    }

    private PageAnswers answers() {
        return visits.signIns().answers();
    }

    private Mono<ServerResponse> list(PageSession session) {
        Decider human = session.decider();
        if (human.digests() != null) {
            return answers().notice(HttpStatus.FORBIDDEN, NoticePage.NOT_HERE);
        }
        IndexQuery running = new IndexQuery(
                null,
                human.human().issuer() + " " + human.human().subject(),
                null,
                each -> each.state(clock.millis()) == TaskState.ACTIVE,
                MOST,
                null,
                WITHIN_MILLIS);
        return Mono.zip(ends.page(new Selection(human.human(), null, null), MOST, null), tasks.apply(running))
                .flatMap(found -> answers().page(HttpStatus.OK, page(session, found.getT1(), found.getT2()), null));
    }

    private String page(PageSession session, StandingEnds.Page standing, IndexPage tasks) {
        List<Found> errands = standing.found();
        List<FleetTask> running = tasks.tasks();
        Html body = new Html().raw("<h1>What runs for you</h1><section><h2>Standing errands</h2>");
        if (errands.isEmpty()) {
            body.raw("<p>None.</p>");
        } else {
            body.raw("<ul class=\"list\">");
            errands.forEach(found -> errand(body, session, found));
            body.raw("</ul>");
        }
        more(body, standing.below());
        body.raw("</section><section><h2>Running tasks</h2>");
        if (running.isEmpty()) {
            body.raw("<p>None.</p>");
        } else {
            body.raw("<ul class=\"list\">");
            running.forEach(each -> task(body, session, each.facts()));
            body.raw("</ul>");
        }
        more(body, tasks.below());
        return answers().frame().page("What runs for you", session.reader(), body.raw("</section>"));
    }

    private static void more(Html body, @Nullable String below) {
        if (below != null) {
            body.raw("<p>There may be more: the page shows the latest. An operator sees and ends all.</p>");
        }
    }

    private void errand(Html body, PageSession session, Found found) {
        StandingErrand errand = found.errand();
        StandingErrand.State state = errand.state(found.nowMillis());
        body.raw("<li><strong>")
                .text(errand.template())
                .raw("</strong> <code>")
                .text(errand.id())
                .raw("</code><span class=\"meta\">")
                .text(RequestSentences.name(errand.agent()) + ", " + errand.used() + " of "
                        + RequestSentences.count(errand.allowed().runs(), "run") + " used, "
                        + RequestSentences.count(errand.callsLeft(), "call") + " left, until "
                        + RequestSentences.clock(errand.allowed().untilMillis() / 1000) + ", "
                        + state.wire() + ", " + errand.live().size() + " running")
                .raw("</span>");
        if (state != StandingErrand.State.ENDED || !errand.live().isEmpty()) {
            button(body, session, errand.id(), "End it with all its runs");
        }
        body.raw("</li>");
    }

    private void task(Html body, PageSession session, IndexedTask task) {
        body.raw("<li><strong>")
                .text(task.template())
                .raw("</strong> <code>")
                .text(task.task())
                .raw("</code><span class=\"meta\">")
                .text(RequestSentences.name(String.valueOf(task.agent())) + ", since "
                        + RequestSentences.clock(task.startedMillis() / 1000))
                .raw("</span>");
        button(body, session, task.task(), "End this task");
        body.raw("</li>");
    }

    private void button(Html body, PageSession session, String id, String text) {
        body.raw("<form method=\"post\" action=\"")
                .text(answers().frame().base() + PATH)
                .raw("\">");
        PageFrame.token(body, session.reader(), FORM);
        body.raw("<button name=\"end\" value=\"").text(id).raw("\" class=\"refuse\">" + text + "</button></form>");
    }

    private Mono<ServerResponse> end(ServerRequest request) {
        URI here = URI.create(answers().frame().base() + PATH);
        return visits.session(request)
                .flatMap(found -> found.isEmpty()
                        ? answers().redirect(HttpStatus.SEE_OTHER, here, null)
                        : visits.form(request).flatMap(form -> end(found.get(), form, here)));
    }

    private Mono<ServerResponse> end(PageSession session, FormBody form, URI here) {
        String id = String.valueOf(form.get("end"));
        if (session.decider().digests() != null || !session.session().isFormToken(FORM, form.get("token"))) {
            return answers().notice(HttpStatus.FORBIDDEN, NoticePage.FORGED, session.reader(), PATH, null);
        }
        Human human = session.decider().human();
        Mono<Boolean> ended = ERRAND.matcher(id).matches()
                ? errand(id, human)
                : TASK.matcher(id).matches() ? task(id, human) : Mono.just(false);
        return Uncancelled.of(ended)
                .flatMap(done -> done
                        ? answers().redirect(HttpStatus.SEE_OTHER, here, null)
                        : answers().notice(HttpStatus.NOT_FOUND, NoticePage.NO_ERRAND, session.reader(), PATH, null));
    }

    private Mono<Boolean> errand(String id, Human human) {
        return ends.find(id)
                .flatMap(found ->
                        found.isPresent() && found.get().errand().human().equals(human)
                                ? ends.end(id, EndedBy.human(human), WHY).map(Optional::isPresent)
                                : Mono.just(false));
    }

    private Mono<Boolean> task(String id, Human human) {
        return task.apply(id).flatMap(found -> {
            IndexedTask facts = found.map(FleetTask::facts).orElse(null);
            return facts == null || !human.equals(facts.human()) || facts.template() == null || facts.agent() == null
                    ? Mono.just(false)
                    : ends.end(id, facts.template(), human, facts.agent(), EndedBy.human(human), WHY)
                            .thenReturn(true);
        });
    }
}
