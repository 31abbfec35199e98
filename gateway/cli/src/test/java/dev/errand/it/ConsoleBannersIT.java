package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;

/**
 * The console's banners in a browser: observe mode, replicas that differ, a replica that is lost, and the store away. One
 * replica enforces, and one with another template observes.
 */
@Tag("chromium")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ConsoleBannersIT {
    private static final String LOST = "g-0123456789abcdef";

    @TempDir
    static Path temporary;

    private static SharedRedis redis;
    private static RunningGateway enforcing;
    private static RunningGateway observing;
    private static Browser browser;

    private static RunningGateway.Builder replica() {
        return RunningGateway.with()
                .trusting(ConsoleStage.HUMAN, ConsoleStage.WORKLOADS)
                .sharing(redis, redis.keys())
                .property("errand.state.timeout", "1s");
    }

    @BeforeAll
    static void start() throws Exception {
        redis = new SharedRedis(temporary);
        enforcing = replica().start();
        observing = replica()
                .property("errand.mode", "observe")
                .file("tasks/explore.yaml", TestAgent.EXPLORE_TEMPLATE.replace("lifetime: 30m", "lifetime: 20m"))
                .start();
        browser = new Browser();
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
        if (observing != null) {
            observing.close();
        }
        enforcing.close();
        redis.close();
    }

    @BeforeEach
    void wide() {
        browser.size(1280, 860).dark(false);
    }

    private static void enter(RunningGateway gateway) {
        ConsoleStage.enter(browser, gateway, gateway.operatorToken(), "tasks");
    }

    private static List<String> banners() {
        return browser.see("#banners").findElements(By.cssSelector(".banner strong")).stream()
                .map(each -> each.getText())
                .toList();
    }

    @Test
    @Order(1)
    void replicasThatDiffer_areSaidOnBoth_withWhatDiffers() {
        enter(enforcing);
        assertThat(browser.see(".banner.warn", "The replicas differ").getText())
                .contains("in revision and mode", "roll-out");
        assertThat(banners()).containsExactly("The replicas differ");
        browser.see(".banner a", "Replicas").click();
        browser.see("h1", "Replicas");
        assertThat(browser.see("main table").findElements(By.cssSelector(".differs")))
                .as("revision and mode of each")
                .hasSize(4);
        browser.assertQuiet();
    }

    @Test
    @Order(2)
    void observeMode_isSaidByTheReplicaThatObserves() {
        enter(observing);
        assertThat(browser.see(".banner.warn", "Observe mode").getText()).contains("not enforced");
        browser.see("#who .badge", "observe");
        browser.see(".banner.warn", "The replicas differ");
        assertThat(banners()).containsExactlyInAnyOrder("Observe mode.", "The replicas differ");
    }

    /** A replica as the others know it that gave no sign of life for an hour. */
    private static void lose() throws Exception {
        String own = OperatorClient.of(enforcing).json("/configuration").string("instance");
        ReplicaEntry.of(redis, own).named(LOST).older(Duration.ofHours(1)).write();
    }

    @Test
    @Order(3)
    void replicaThatIsLost_isNamed_untilItsLogIsGivenUp() throws Exception {
        lose();
        enter(enforcing);
        assertThat(browser.see(".banner.bad", LOST).getText())
                .contains("1 replica is lost", "its log has is missing below");
        assertThat(browser.see(".banner.bad", LOST).getAttribute("role")).isEqualTo("alert");
        browser.see(".banner.bad a", "Replicas").click();
        browser.see("tr.lost button", "Give up its log").click();
        browser.see("dialog button", "Give it up").click();
        browser.await(
                "it is not named any more",
                () -> browser.text().contains(LOST) || banners().size() > 1 ? null : true);
        browser.assertQuiet();
    }

    /** All of them at once, as wide and as narrow as they are read, in light and in dark. */
    @Test
    @Order(4)
    void banners_areReadAtEachWidth_andLeaveRoomForThePage() throws Exception {
        lose();
        enter(observing);
        browser.see(".banner.bad", LOST);
        browser.see(".banner.warn", "Observe mode");
        browser.see(".banner.warn", "The replicas differ");
        redis.signal("STOP");
        try {
            browser.see(".banner.bad", "The store is away");
            assertThat(banners())
                    .as("the worst is first")
                    .containsExactly(
                            "The store is away.", "1 replica is lost:", "Observe mode.", "The replicas differ");
            for (int width : new int[] {1280, 390}) {
                for (boolean dark : new boolean[] {false, true}) {
                    look(width, dark);
                }
            }
        } finally {
            redis.signal("CONT");
        }
        browser.await("the store is back", () -> banners().contains("The store is away.") ? null : true);
        assertThat(banners()).hasSize(3);
        browser.assertQuiet();
    }

    private static void look(int width, boolean dark) throws Exception {
        int height = 850;
        browser.size(width, height).dark(dark);
        String look = "console-banners-" + width + (dark ? "-dark" : "-light");
        browser.assertNoFinding(look);
        assertThat(
                        browser.run(
                                "return [...document.querySelectorAll('.banner')].filter(each => each.offsetHeight > 0).length"))
                .as("a phone shows the worst alone")
                .isEqualTo(width < 500 ? 1L : 4L);
        if (width < 500) {
            browser.see(".fold", "3 more messages").click();
            browser.see(".fold", "Fewer messages");
            assertThat(browser.see(".banner.warn", "The replicas differ").isDisplayed())
                    .isTrue();
            browser.see(".fold").click();
        }
        browser.assertFits();
        Picture.write(look, browser.picture());
        long top = (Long)
                browser.run("return Math.round(document.getElementById('main').getBoundingClientRect().top + scrollY)");
        assertThat(top).as("where the page begins").isLessThan(height / 2);
    }
}
