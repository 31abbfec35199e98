package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.FreePort;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/**
 * The console with thousands of live tasks: how soon it answers a hand, and what an open console costs its gateway. It runs with
 * {@code -Derrand.console.tasks=3000}: for minutes, on a machine that does nothing else.
 */
@Tag("chromium")
@EnabledIfSystemProperty(named = "errand.console.tasks", matches = "[0-9]+")
class ConsoleLoadIT {
    private static final int TASKS = Integer.getInteger("errand.console.tasks", 3_000);
    private static final Duration WARM = Duration.ofSeconds(Integer.getInteger("errand.console.warm", 90));
    private static final Duration WATCHED = Duration.ofSeconds(Integer.getInteger("errand.console.seconds", 60));
    private static final double MOST_MILLIS = 100;

    /** Of one processor. */
    private static final double MOST_SHARE = 0.01;

    /** Does a thing, and tells how many milliseconds pass until what it changes was painted. */
    private static final String TIMED = """
            const [what, value, done] = [arguments[0], arguments[1], arguments[2]];
            const body = document.querySelector('.tasks tbody');
            const painted = () => requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun)));
            const watch = new MutationObserver(() => { watch.disconnect(); painted(); });
            watch.observe(document.querySelector('#main'), { childList: true, subtree: true, attributes: true, characterData: true });
            const begun = performance.now();
            if (what === 'type') {
              const find = document.querySelector('[data-filter]');
              find.value = value;
              find.dispatchEvent(new Event('input', { bubbles: true }));
            } else if (what === 'go') {
              location.hash = value;
            } else {
              [...document.querySelectorAll(value)].find(each => each.offsetParent !== null).click();
            }
            """;

    @TempDir
    static Path temporary;

    @Test
    void console_withManyTasks_answersAHand_andCostsItsGatewayLittle() throws Exception {
        int management = FreePort.next();
        try (ConsoleStage stage = ConsoleStage.start(temporary);
                GatewayProcess watched = new GatewayProcess(RunningGateway.with()
                        .trusting(ConsoleStage.HUMAN, ConsoleStage.WORKLOADS)
                        .upstream(stage.upstream())
                        .sharing(stage.redis(), stage.redis().keys())
                        .property("management.server.port", Integer.toString(management)));
                Browser browser = new Browser()) {
            IntStream.range(0, TASKS).parallel().forEach(i -> {
                TestAgent agent = stage.started(
                        i % 3 == 0 ? "ship" : "explore", ConsoleStage.human("user:" + i % 97), "worker-" + i % 61);
                if (i % 4 == 0) {
                    ConsoleStage.read(stage.one(), agent, "chapter-" + i % 7);
                }
            });
            browser.open("http://127.0.0.1:" + management + "/");
            browser.see("#token")
                    .sendKeys(
                            Files.readString(watched.directory().resolve("data/operator-token"))
                                    .strip(),
                            Keys.ENTER);
            browser.see("tr[data-task]");
            // What a gateway compiles when a page asks for the first time is no cost of the page.
            Thread.sleep(WARM.toMillis());
            List<Double> millis = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                millis.add(timed(browser, "type", "user:" + i));
                millis.add(timed(browser, "type", ""));
                millis.add(timed(browser, "click", ".pages button:last-child"));
                millis.add(timed(browser, "click", ".pages button:first-child"));
                millis.add(timed(browser, "click", "tr[data-task] button"));
                browser.keys(Keys.ESCAPE);
                millis.add(timed(browser, "go", "#/locks"));
                millis.add(timed(browser, "go", "#/tasks"));
                browser.see("tr[data-task]");
            }
            double open = share(watched, WATCHED);
            browser.open("about:blank");
            Thread.sleep(5_000);
            double idle = share(watched, WATCHED);
            millis.sort(null);
            double worst = millis.get(millis.size() - 1);
            System.out.printf(
                    "%d tasks: %d interactions, median %.0f ms, 95%% %.0f ms, worst %.0f ms; the gateway %.4f of a processor idle, %.4f with the"
                            + " console open%n",
                    TASKS,
                    millis.size(),
                    millis.get(millis.size() / 2),
                    millis.get(millis.size() * 95 / 100),
                    worst,
                    idle,
                    open);
            assertThat(millis.get(millis.size() * 95 / 100)).as("milliseconds").isLessThanOrEqualTo(MOST_MILLIS);
            assertThat(open - idle).as("of a processor").isLessThanOrEqualTo(MOST_SHARE);
        }
    }

    private static double timed(Browser browser, String what, String value) throws InterruptedException {
        double millis = ((Number) browser.runAsync(TIMED, what, value)).doubleValue();
        Thread.sleep(200);
        return millis;
    }

    /** The share of a processor that the gateway takes. */
    private static double share(GatewayProcess gateway, Duration time) throws InterruptedException {
        Duration before = cpu(gateway);
        Thread.sleep(time.toMillis());
        return (double) cpu(gateway).minus(before).toNanos() / time.toNanos();
    }

    private static Duration cpu(GatewayProcess gateway) {
        return gateway.process().info().totalCpuDuration().orElseThrow();
    }
}
