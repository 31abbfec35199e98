package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.JsonValue.JsonObject;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** The console in a browser, as an operator uses it who was woken up. */
@Tag("chromium")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ConsoleIT {
    private static final List<String> VIEWS =
            List.of("tasks", "refusals", "approvals", "standing", "locks", "replicas");

    @TempDir
    static Path temporary;

    private static ConsoleStage stage;
    private static Browser browser;

    @BeforeAll
    static void start() throws Exception {
        stage = ConsoleStage.start(temporary);
        browser = new Browser();
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
        stage.close();
    }

    @BeforeEach
    void forget() {
        browser.size(1280, 860).dark(false);
        browser.open(ConsoleStage.console(stage.one()));
        browser.run("sessionStorage.clear()");
    }

    private static void enter(String view) {
        ConsoleStage.enter(browser, stage.one(), stage.token(), view);
    }

    /** Types the reason into the dialog that is open, and sends it. */
    private static void endBecause(String why) {
        browser.see("dialog input[required]").sendKeys(why, Keys.ENTER);
        browser.see("dialog .actions button.main").click();
        browser.gone("dialog");
    }

    @Test
    @Order(1)
    void walk_fromTheListToTheEndOfATask_isSeenOnTheOtherReplica() {
        enter("tasks");
        browser.see(".glance > div:nth-of-type(2) .none", "None.");
        assertThat(browser.text()).as("what is empty takes no place").doesNotContain("Near a limit");
        String task = stage.nearItsLimit(ConsoleStage.human("user:walk")).task();
        // The refusal is shown at once, the part that was used within a second.
        browser.see(".glance .card", "90 %");
        WebElement near = browser.see(".glance .card", task.substring(0, 14));
        assertThat(near.getText()).contains("90 %", "user:walk");
        near.findElement(By.cssSelector("a")).click();

        WebElement refusal = browser.see(".refusal", "The last call was refused");
        assertThat(refusal.getText()).contains("sequence-violation", "vault:kv.write", "ship.yaml:");
        refusal.findElement(By.cssSelector("button")).click();
        WebElement why = browser.see(".call .why .checks .refused");
        assertThat(why.getText()).contains("plan");

        assertThat(browser.see(".station.here").getText()).contains("State\n2\n", "The task is here");
        // Read, write, delete: the plan permits what a property of its template excludes.
        assertThat(browser.see(".plan .badge.deny", "call 3 of “no draft is deleted”")
                        .findElement(By.xpath(".."))
                        .getText())
                .contains("vault:kv.delete");
        browser.see(".refusal", "'no draft is deleted' does not hold for ship: shortest run: 1. vault:kv.read");
        assertThat(browser.see(".tree").getText()).contains("user:walk", "attested");
        assertThat(browser.see(".granted").getText()).contains("vault:kv.delete", "never");
        assertThat(browser.see(".facts").getText()).contains("9 passed, 1 refused");
        assertThat(browser.see(".limits").getText()).contains("9 of 10");

        browser.see(".title .act button").click();
        assertThat(browser.see("dialog").getText())
                .contains("This task", task, "ship, user:walk, 1 refused", "Every task that user:walk")
                .contains("Its next call is refused", "Other tasks go on.");
        browser.see("dialog .choice:nth-of-type(2)", "1 running task, as listed here");
        assertThat(
                        browser.run(
                                "return [...document.querySelectorAll('dialog .choice')].every((each, i) =>"
                                        + " each.offsetHeight >= 44 && each.firstChild.checked === (i === 0 && each.firstChild.type === 'radio'))"))
                .isEqualTo(true);
        endBecause("it wrote twice");
        browser.see(".title .badge.interrupted");

        ConsoleStage.enter(browser, stage.two(), stage.two().operatorToken(), "task/" + task);
        browser.see(".title .badge.interrupted");
        assertThat(browser.see(".events").getText()).contains("the operator operator", "it wrote twice");
        browser.assertQuiet();
    }

    @Test
    @Order(2)
    void keyboard_alone_findsAndEndsATask() {
        String task = stage.nearItsLimit(ConsoleStage.human("user:keys")).task();
        browser.open("about:blank").open(ConsoleStage.console(stage.one()));
        browser.see("#token");
        browser.keys(stage.token(), Keys.ENTER);
        browser.see("tr[data-task='" + task + "']");
        browser.keys("/", task.substring(0, 20));
        browser.await(
                "only that row is left",
                () -> browser.run("return document.querySelectorAll('tr[data-task]').length")
                                .equals(1L)
                        ? true
                        : null);
        browser.keys(Keys.ENTER);
        browser.see(".title .act button");
        browser.tabTo(".title .act button").keys(Keys.ENTER);
        browser.see("dialog");
        browser.keys(Keys.ESCAPE);
        browser.gone("dialog");
        assertThat(browser.run("return document.activeElement.matches('.title .act button')"))
                .as("the focus is where it was")
                .isEqualTo(true);
        browser.keys(Keys.ENTER);
        browser.see("dialog input[required]");
        browser.keys("by keys alone", Keys.ENTER);
        browser.see("dialog .actions button.main");
        browser.keys(Keys.ENTER);
        browser.see(".title .badge.interrupted");
        browser.tabTo(".call .open").keys(Keys.ENTER);
        browser.see(".call .why .checks");
        browser.assertQuiet();
    }

    @Test
    @Order(3)
    void interruptMany_showsWhatMatches_andLocks() {
        TestHuman human = ConsoleStage.human("user:many");
        for (int i = 0; i < 3; i++) {
            stage.started("explore", human);
        }
        enter("locks");
        browser.see("main button.danger").click();
        List<WebElement> fields = browser.see("dialog .fields").findElements(By.tagName("input"));
        assertThat(browser.see("dialog .preview").getText()).contains("Name a template");
        fields.get(2).sendKeys("user:many");
        browser.see("dialog .preview", "both the name and the issuer");
        assertThat(browser.see("dialog form .actions .danger").isEnabled()).isFalse();
        fields.get(3).sendKeys(human.issuer());
        browser.see("dialog .preview", "3 tasks will end now");
        browser.see("dialog .actions .danger", "End 3 tasks");
        endBecause("stolen laptop");
        WebElement lock = browser.see(".card", "user:many");
        assertThat(lock.getText()).contains("stolen laptop", "operator:operator");
        lock.findElement(By.tagName("button")).click();
        browser.see("dialog button", "Lift it").click();
        browser.see(".none", "No start is locked");
        browser.assertQuiet();
    }

    @Test
    @Order(3)
    void chosenTasks_areEndedTogether() {
        String one = stage.started("explore", ConsoleStage.human("user:chosen")).task();
        String two = stage.started("explore", ConsoleStage.human("user:chosen")).task();
        enter("tasks");
        for (String task : List.of(one, two)) {
            browser.see("tr[data-task='" + task + "'] .choose").click();
        }
        browser.see(".chosen", "2 tasks chosen");
        browser.see(".filters button:not(.danger)", "End many…");
        browser.see(".chosen button.danger").click();
        browser.see("dialog .preview", "2 tasks will end now");
        browser.see("dialog .actions .danger", "End 2 tasks");
        endBecause("both run wild");
        browser.gone("tr[data-task='" + one + "']");
        browser.gone("tr[data-task='" + two + "']");
        browser.gone(".chosen strong");
        browser.assertQuiet();
    }

    @Test
    @Order(4)
    void runawayAmongThoseThatWait_isOneGroup_andTheWaitingAreNoRefusals() {
        TestAgent wild = stage.started("explore", ConsoleStage.human("user:mallory"), "wild-bot");
        for (int i = 0; i < 7; i++) {
            wild.get(stage.two(), "/vault/v1/secret/data/ci/other/" + i);
        }
        TestAgent careful = stage.started("careful", ConsoleStage.human("user:patient"));
        for (int i = 0; i < 4; i++) {
            ConsoleStage.write(stage.one(), careful, "plan");
        }
        enter("tasks");
        browser.see("tr[data-task='" + careful.task() + "'] .badge.near", "waits for approval");
        assertThat(browser.see(".glance .card", wild.task().substring(0, 14)).getText())
                .contains("7 refusals", "constraint-violated", "wild-bot");
        assertThat(browser.see(".glance > div:nth-of-type(2)").getText())
                .doesNotContain(careful.task().substring(0, 14));
        assertThat(browser.see(".hour .key").getText()).contains("waiting", "refused");
        assertThat(browser.run("return document.querySelectorAll('.minute').length"))
                .isEqualTo(60L);

        browser.run("location.hash = '#/refusals'");
        WebElement group = browser.see(".group", wild.task());
        assertThat(group.getText())
                .contains("7 ×", "ci/other/6", "ci/other/4 … 4 more", "first", "last", "user:mallory");
        group.findElement(By.cssSelector(".open")).click();
        browser.see(".group .calls .call .open").click();
        browser.see(".group .why .verdict");
        browser.await("the opened request alone is listed", () -> browser.text().contains("4 ×") ? null : true);
        browser.run("const s = document.querySelector('.filters select'); s.value = 'approval-required';"
                + "s.dispatchEvent(new Event('change'))");
        browser.gone(".group");
        browser.see("section[aria-labelledby=waiting] .call .badge.near", "approval-required");
        browser.see("#main > .lead", "0 refusals in 0 groups");
        browser.assertQuiet();
    }

    @Test
    @Order(4)
    void refusals_andApprovals_areShown() {
        TestAgent careful = stage.started("careful", ConsoleStage.human("user:ada"));
        assertThat(ConsoleStage.write(stage.two(), careful, "plan").statusCode())
                .isEqualTo(403);
        enter("approvals");
        assertThat(browser.see(".card", careful.task()).getText())
                .contains("vault:kv.write", "0 of 1 approval", "user:ada", RunningGateway.ISSUER + "/approvals/");
        browser.see("#nav .count", "1");
        browser.run("location.hash = '#/refusals'");
        WebElement call = browser.see(".call", careful.task());
        assertThat(call.getText()).contains("approval-required", "vault:kv.write", "user:ada");
        call.findElement(By.cssSelector(".open")).click();
        browser.see(".call .why .verdict");
        browser.assertQuiet();
    }

    @Test
    @Order(4)
    void outcome_thatNobodyKnows_isSettledByTheOperator() throws Exception {
        TestAgent agent = stage.started("ship", ConsoleStage.human("user:unsure"));
        assertThat(ConsoleStage.read(stage.one(), agent, "chapter-1").statusCode())
                .isEqualTo(200);
        stage.upstream().forget();
        stage.upstream().answer(request -> new RecordingUpstream.Answer(200, Map.of(), "{}", Duration.ofSeconds(5)));
        try (Socket socket = new Socket("127.0.0.1", stage.one().port())) {
            RawUpstream.write(
                    socket,
                    "POST " + TestAgent.READ + " HTTP/1.1\r\nHost: x\r\nAuthorization: DPoP " + agent.token()
                            + "\r\nDPoP: " + agent.dpop("POST", TestAgent.READ) + "\r\nContent-Length: 2\r\n\r\n{}");
            browser.await("the write is sent", () -> stage.upstream().seen().isEmpty() ? null : true);
        }
        stage.upstream().answer(request -> RecordingUpstream.Answer.of(200, "{}"));

        enter("task/" + agent.task());
        WebElement unknown = browser.see(".refusal", "Unknown outcomes");
        assertThat(unknown.getText()).contains("vault:kv.write", "d-", "Look at the upstream first");
        assertThat(browser.see("section .plan")).isNotNull();
        browser.see(".unknown button", "It happened").click();
        assertThat(browser.see("dialog").getText()).contains("vault:kv.write", "happened", "with your name");
        browser.see("dialog .actions .danger", "Say so").click();
        browser.gone(".unknown");
        assertThat(browser.see(".events").getText()).contains("the operator operator: outcome");
        assertThat(browser.see(".station.here").getText()).contains("State\n2\n");
        browser.assertQuiet();
    }

    @Test
    @Order(5)
    void operatorWhoMayLook_hasNothingThatChanges() {
        String task = stage.nearItsLimit(ConsoleStage.human("user:looked-at")).task();
        for (String view : List.of("tasks", "locks", "replicas", "task/" + task)) {
            ConsoleStage.enter(browser, stage.one(), ConsoleStage.LOOKER, view);
            browser.see("#who", "looker (may look)");
            browser.await("the view is there", () -> browser.text().contains("Looking…") ? null : true);
            assertThat((List<?>) browser.run("return [...document.querySelectorAll('main button.danger')]"))
                    .isEmpty();
            assertThat(browser.text()).doesNotContain("End many…");
        }
    }

    @Test
    @Order(6)
    void hostileTexts_areShownAsTexts() {
        TestHuman human = ConsoleStage.human(
                ConsoleStage.HOSTILE.replace("\\", "\\\\").replace("\"", "\\\"").replace("\u0007", "\\u0007"));
        TestAgent agent = stage.started("explore", human);
        agent.get(stage.one(), "/vault/v1/secret/data/docs/payments/%3Cimg%20src=x%20onerror=window.hit=1%3E");
        agent.get(stage.one(), "/vault/v1/secret/data/%3Cscript%3Ewindow.hit=1%3C%2Fscript%3E");
        enter("tasks");
        assertThat(browser.see("tr[data-task='" + agent.task() + "']").getText())
                .contains("<img src=x", "\\u202eevil\\u0007");
        browser.see("tr[data-task='" + agent.task() + "'] .choose").click();
        browser.see(".chosen button.danger").click();
        browser.see("dialog .choice:nth-of-type(2)").click();
        browser.see("dialog .preview", "1 task will end now");
        browser.run("const s = document.querySelector('dialog select'); s.value = '15m'");
        endBecause("<script>window.hit=1</script>");
        for (String view : List.of("locks", "refusals", "approvals", "replicas", "tasks", "task/" + agent.task())) {
            browser.run("location.hash = arguments[0]", "#/" + view);
            browser.see("#main h1");
            browser.await("the view is there", () -> browser.text().contains("Looking…") ? null : true);
        }
        assertThat(browser.see(".events").getText()).contains("<script>window.hit=1</script>");
        for (WebElement open : List.of(browser.see(".call .open"))) {
            open.click();
            browser.see(".call .why .verdict");
        }
        assertThat(
                        browser.run(
                                "return window.hit === undefined && document.querySelectorAll('main img, main script').length === 0"))
                .isEqualTo(true);
        assertThat(browser.runsInline()).as("text may become markup").isFalse();
        lift();
    }

    private static void lift() {
        OperatorClient operator = OperatorClient.of(stage.one());
        for (JsonObject lock : OperatorClient.objects(operator.json("/locks"), "locks")) {
            operator.delete("/locks/" + lock.string("id"));
        }
    }

    @Test
    @Order(7)
    void page_asksNobodyElse_andKeepsTheTokenOutOfEverythingThatIsShared() {
        enter("tasks");
        browser.see(".glance > div:nth-of-type(2) li");
        assertThat((List<?>) browser.run(
                        "return performance.getEntriesByType('resource').map(each => new URL(each.name).origin)"
                                + ".filter(origin => origin !== location.origin)"))
                .isEmpty();
        assertThat((List<?>) browser.run("return performance.getEntriesByType('resource').map(each => each.name)"))
                .isNotEmpty()
                .noneMatch(url -> String.valueOf(url).contains(stage.token()));
        assertThat(browser.run("return localStorage.length === 0 && document.cookie === ''"))
                .isEqualTo(true);
        WebElement person = browser.see(".filters .field:nth-of-type(3) input");
        person.sendKeys("user:secret-name", Keys.ENTER);
        browser.see(".none", "No task fits");
        assertThat(browser.url()).endsWith("/#/tasks");
        browser.see("#who button").click();
        browser.see("#token");
        assertThat(browser.run("return sessionStorage.length")).isEqualTo(0L);
    }

    @ParameterizedTest
    @CsvSource({"1280, 860, false", "1280, 860, true", "390, 844, false", "390, 844, true"})
    @Order(8)
    void views_haveNoSeriousFindingOfAxe(int width, int height, boolean dark) {
        String task = stage.nearItsLimit(ConsoleStage.human("user:axe")).task();
        TestAgent careful = stage.started("careful", ConsoleStage.human("user:axe"));
        ConsoleStage.write(stage.two(), careful, "plan");
        browser.size(width, height).dark(dark);
        browser.open("about:blank").open(ConsoleStage.console(stage.one()));
        browser.see("#token");
        browser.assertNoFinding("sign-in");
        enter("tasks");
        for (String view : VIEWS) {
            browser.run("location.hash = arguments[0]", "#/" + view);
            browser.see("#nav a[aria-current]");
            browser.await(view + " is there", () -> browser.text().contains("Looking…") ? null : true);
            browser.assertNoFinding(view);
            browser.assertFits();
        }
        browser.run("location.hash = arguments[0]", "#/task/" + task);
        browser.see(".call .open").click();
        browser.see(".call .why .checks");
        browser.assertNoFinding("task");
        browser.assertFits();
        browser.see(".title .act button").click();
        browser.see("dialog .preview");
        browser.assertNoFinding("dialog");
        browser.keys(Keys.ESCAPE);
        browser.gone("dialog");
        browser.assertQuiet();
        OperatorClient.of(stage.one()).post("/tasks/interrupt", "{\"template\":\"ship\",\"why\":\"the test is over\"}");
    }

    /** Some tasks as they are, for the pages of the documentation. */
    @Test
    @Order(9)
    void pictures_areTaken() throws Exception {
        String task = stage.nearItsLimit(ConsoleStage.human("user:grace")).task();
        for (String person : List.of("user:ada", "user:linus", "user:grace")) {
            ConsoleStage.read(stage.one(), stage.started("explore", ConsoleStage.human(person)), "plan");
        }
        Thread.sleep(2_500);
        enter("tasks");
        browser.see("tr[data-task='" + task + "']");
        browser.await("the cards are there", () -> browser.text().contains("Looking…") ? null : true);
        Picture.write("console-tasks", browser.picture());
        browser.run("location.hash = arguments[0]", "#/task/" + task);
        browser.see(".station.here");
        Picture.write("console-task", browser.size(1280, 900).picture());
        browser.see(".title .act button").click();
        browser.see("dialog .choice:nth-of-type(2)").click();
        browser.see("dialog .preview", "will end now");
        Picture.write("console-end", browser.size(1280, 760).picture());
        browser.keys(Keys.ESCAPE);
        browser.gone("dialog");
        browser.size(390, 844).dark(true);
        browser.run("location.hash = '#/tasks'");
        browser.see("tr[data-task='" + task + "']");
        browser.await("the cards are there", () -> browser.text().contains("Looking…") ? null : true);
        Picture.write("console-phone", browser.picture());
        browser.assertQuiet();
    }

    /** The next so many pages of decisions are empty, and say that more follow. So are some beside an older replica. */
    private static final String EMPTY_PAGES = """
            const real = window.realFetch || window.fetch;
            const empty = arguments[0];
            window.realFetch = real;
            window.fetch = (path, options) => {
              const query = new URLSearchParams(path.split('?')[1]);
              const cursor = query.get('cursor') || 'empty-0';
              if (!path.startsWith('/decisions?') || !cursor.startsWith('empty-')) {
                return real(path, options);
              }
              const page = Number(cursor.slice('empty-'.length));
              if (page < empty) {
                return Promise.resolve(Response.json({ decisions: [], cursor: 'empty-' + (page + 1), missing: [] }));
              }
              query.delete('cursor');
              return real('/decisions?' + query, options);
            };
            """;

    @Test
    @Order(10)
    void refusals_behindEmptyPages_areFound_orSaidToMaybeFollow() {
        TestAgent agent = stage.nearItsLimit(ConsoleStage.human("user:rare"));
        enter("locks");
        browser.run(EMPTY_PAGES, 4);
        browser.run("location.hash = '#/tasks'");
        browser.see(".glance > div:nth-of-type(2) .card", "refusal");
        browser.run("location.hash = '#/refusals'");
        browser.see(".call", agent.task());

        browser.run("location.hash = '#/locks'");
        browser.see("h1", "Locks");
        browser.run(EMPTY_PAGES, 8);
        browser.run("location.hash = '#/tasks'");
        browser.see(".glance > div:nth-of-type(2) .none", "None among the newest decisions.");
        browser.run("location.hash = '#/refusals'");
        browser.see("#main > .none", "None among the newest decisions.");
        browser.see(".pages button", "Older").click();
        browser.see(".call", agent.task());
        browser.assertQuiet();
    }

    @Test
    @Order(11)
    void storeThatHangs_isSaidAtOnce_andNothingElseBreaks() throws Exception {
        String task = stage.nearItsLimit(ConsoleStage.human("user:hung")).task();
        enter("tasks");
        browser.see("tr[data-task='" + task + "']");
        stage.redis().signal("STOP");
        try {
            browser.see(".banner.bad", "The store is away");
            assertThat(browser.see("tr[data-task='" + task + "']").isDisplayed())
                    .as("what was read stays")
                    .isTrue();
            browser.run("location.hash = arguments[0]", "#/task/" + task);
            browser.see(".call .open");
            browser.see(".title .act button").click();
            browser.see("dialog input[required]").sendKeys("it hangs", Keys.ENTER);
            browser.see("dialog .fault", "Not ended");
            browser.keys(Keys.ESCAPE);
        } finally {
            stage.redis().signal("CONT");
        }
        browser.gone(".banner.bad");
        browser.assertQuiet();
    }
}
