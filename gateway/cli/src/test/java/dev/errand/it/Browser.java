package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.logging.Level;
import org.openqa.selenium.By;
import org.openqa.selenium.JavascriptException;
import org.openqa.selenium.Keys;
import org.openqa.selenium.NoSuchElementException;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.WindowType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.support.ui.FluentWait;

/** Debian's Chromium without a window. It has a profile of its own, and reaches nothing but loopback. */
final class Browser implements AutoCloseable {
    private static final Duration SOON = Duration.ofSeconds(15);

    private final ChromeDriver driver;

    Browser() {
        RealServer.chromium();
        ChromeOptions options = new ChromeOptions();
        options.setBinary("/usr/bin/chromium");
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
                "--force-device-scale-factor=1",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost");
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        options.setCapability("goog:loggingPrefs", logs);
        driver = new ChromeDriver(
                new ChromeDriverService.Builder()
                        .usingDriverExecutable(Path.of("/usr/bin/chromedriver").toFile())
                        .usingAnyFreePort()
                        .build(),
                options);
        size(1280, 860);
    }

    /** A screen of that many pixels; a narrow one is a phone's. */
    Browser size(int width, int height) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 500));
        return this;
    }

    /** As people who like it dark have it. */
    Browser dark(boolean dark) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
        return this;
    }

    Browser open(String url) {
        driver.get(url);
        return this;
    }

    /** Opens it in a new tab. */
    Browser tab(String url) {
        driver.switchTo().newWindow(WindowType.TAB);
        return open(url);
    }

    String url() {
        return driver.getCurrentUrl();
    }

    /** The first element of a CSS selector, as soon as there is one that is seen. */
    WebElement see(String css) {
        return await(
                css + " is seen",
                () -> driver.findElements(By.cssSelector(css)).stream()
                        .filter(WebElement::isDisplayed)
                        .findFirst()
                        .orElse(null));
    }

    /** The element of that selector whose text has these words, as soon as there is one that is seen. */
    WebElement see(String css, String words) {
        return await(
                css + " with '" + words + "' is seen",
                () -> driver.findElements(By.cssSelector(css)).stream()
                        .filter(each -> each.isDisplayed() && each.getText().contains(words))
                        .findFirst()
                        .orElse(null));
    }

    /** Waits until no such element is seen. */
    void gone(String css) {
        await(
                css + " is gone",
                () -> driver.findElements(By.cssSelector(css)).stream().noneMatch(WebElement::isDisplayed)
                        ? true
                        : null);
    }

    <T> T await(String what, Supplier<T> asked) {
        return new FluentWait<>(driver)
                .withTimeout(SOON)
                .pollingEvery(Duration.ofMillis(50))
                .ignoring(StaleElementReferenceException.class, NoSuchElementException.class)
                .withMessage(() -> what + "; the page says:\n" + text())
                .until(same -> asked.get());
    }

    String text() {
        return driver.findElement(By.tagName("body")).getText();
    }

    /** Keys to whatever has the focus. */
    Browser keys(CharSequence... keys) {
        new Actions(driver).sendKeys(keys).perform();
        return this;
    }

    /** Presses Tab until the focus is on what the selector names. */
    Browser tabTo(String css) {
        for (int i = 0; i < 200; i++) {
            if (Boolean.TRUE.equals(run("return document.activeElement.matches(arguments[0])", css))) {
                return this;
            }
            keys(Keys.TAB);
        }
        throw new AssertionError("no Tab leads to " + css);
    }

    Object run(String script, Object... arguments) {
        return driver.executeScript(script, arguments);
    }

    Object runAsync(String script, Object... arguments) {
        driver.manage().timeouts().scriptTimeout(Duration.ofSeconds(60));
        return driver.executeAsyncScript(script, arguments);
    }

    /** Puts a library into the page, past its policy as a debugger does. */
    void inject(Path script) {
        try {
            driver.executeCdpCommand(
                    "Runtime.evaluate",
                    Map.of("expression", Files.readString(script), "allowUnsafeEvalBlockedByCSP", true));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Forgets who is signed in at the page that is open. */
    void forget() {
        run("sessionStorage.clear()");
        driver.manage().deleteAllCookies();
    }

    /** The value of a cookie, also of one that scripts do not see. */
    String cookie(String name) {
        return driver.manage().getCookieNamed(name).getValue();
    }

    /** A picture of what is seen, as a PNG. */
    byte[] picture() {
        return driver.getScreenshotAs(OutputType.BYTES);
    }

    /** Nothing went wrong in the page but what is expected: requests that were refused are told by the browser, too. */
    void assertQuiet() {
        List<String> said = driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .map(LogEntry::getMessage)
                .filter(message -> !message.contains("Failed to load resource"))
                .toList();
        assertThat(said).isEmpty();
    }

    /** The page is no wider than the screen. */
    void assertFits() {
        assertThat(run("return document.documentElement.scrollWidth - window.innerWidth"))
                .as("pixels beyond the screen")
                .isEqualTo(0L);
    }

    /** axe-core finds nothing serious or critical on the page as it is now. */
    void assertNoFinding(String view) {
        inject(RealServer.axe());
        Object found = runAsync("const done = arguments[arguments.length - 1];"
                + "axe.run(document, {resultTypes: ['violations']}).then(result => done(result.violations"
                + ".filter(each => each.impact === 'serious' || each.impact === 'critical')"
                + ".map(each => each.id + ': ' + each.nodes.map(node => node.target + ' ' + node.failureSummary).join('; '))),"
                + "failure => done(['' + failure]))");
        assertThat((List<?>) found).as(view).isEmpty();
    }

    /** Whether a script of the page itself could be led to run this. */
    boolean runsInline() {
        try {
            run("const s = document.createElement('div'); s.innerHTML = '<b>x</b>'; document.body.append(s)");
            return true;
        } catch (JavascriptException refused) {
            // The browser says so, too.
            driver.manage().logs().get(LogType.BROWSER);
            return false;
        }
    }

    @Override
    public void close() {
        driver.quit();
    }
}
