package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.support.ui.WebDriverWait;

/** Debian's Chromium without a window, as wide as a phone. */
final class PhoneChromium implements AutoCloseable {
    static final int WIDTH = 390;

    final ChromeDriver driver;
    private final Path shots;

    /** @param profile for the browser's data */
    PhoneChromium(Path profile) {
        RealServer.fetch("chromium");
        ChromeOptions options = new ChromeOptions();
        options.setBinary("/usr/bin/chromium");
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--user-data-dir=" + profile);
        options.setExperimentalOption(
                "mobileEmulation",
                Map.of("deviceMetrics", Map.of("width", WIDTH, "height", 844, "pixelRatio", 2.0, "touch", true)));
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(Path.of("/usr/bin/chromedriver").toFile())
                .usingAnyFreePort()
                .build();
        driver = new ChromeDriver(service, options);
        // A form that another site answers with a page of its own: the element is there when that page is.
        driver.manage().timeouts().implicitlyWait(Duration.ofSeconds(20));
        driver.manage().timeouts().pageLoadTimeout(Duration.ofSeconds(60));
        shots = Path.of(System.getProperty("page.shots", profile + "-shots"));
    }

    /** What people prefer, {@code light} or {@code dark}. */
    void prefer(String scheme) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    /** Waits for a page with that heading. */
    void awaitHeading(String text) {
        new WebDriverWait(driver, Duration.ofSeconds(60))
                // A page that changes meanwhile: a stale element, or one that the driver finds in no document.
                .ignoring(WebDriverException.class)
                .withMessage(() -> driver.getCurrentUrl() + ": " + driver.getPageSource())
                .until(open -> open.findElements(By.tagName("h1")).stream()
                        .anyMatch(heading -> heading.getText().equals(text)));
    }

    /** Holds that nothing is wider than the screen, and keeps a picture of the whole page. */
    void look(String name) {
        Number width = (Number) driver.executeScript("return document.documentElement.scrollWidth");
        assertThat(width.intValue()).as(name).isLessThanOrEqualTo(WIDTH);
        Number height = (Number) driver.executeScript("return document.documentElement.scrollHeight");
        size(height.intValue());
        try {
            Files.createDirectories(shots);
            Files.write(shots.resolve(name + ".png"), driver.getScreenshotAs(OutputType.BYTES));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            size(844);
        }
    }

    private void size(int height) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", WIDTH, "height", height, "deviceScaleFactor", 1, "mobile", true));
    }

    @Override
    public void close() {
        driver.quit();
    }
}
