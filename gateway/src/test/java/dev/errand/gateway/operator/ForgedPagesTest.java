package dev.errand.gateway.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.gateway.ForgedLog;
import dev.errand.policy.LivePolicies;
import dev.errand.policy.Policies;
import dev.errand.policy.StoredPolicies;
import dev.errand.state.InMemoryStartStore;
import dev.errand.state.InMemoryTaskStore;
import dev.errand.task.template.TemplateParser;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.io.ClassPathResource;

/** The operator's pages of a log whose texts try to forge lines. */
class ForgedPagesTest {
    @TempDir
    static Path log;

    @BeforeAll
    static void write() throws Exception {
        ForgedLog.write(log);
    }

    private static TaskTrees trees() {
        InMemoryStartStore starts = new InMemoryStartStore();
        return new TaskTrees(
                log, new StoredPolicies(List::of, starts, new TemplateParser(), false), new InMemoryTaskStore());
    }

    @Test
    void pages_asText_haveNoForgedLine() throws Exception {
        LivePolicies live = new LivePolicies(new Policies("r", Map.of(), Map.of()));
        Page decision = new DecisionPages(log, log, live).find("d-2").orElseThrow();
        ForgedLog.assertEscaped(decision.text());
        Optional<Page> task = trees().find("t-1").block(Duration.ofSeconds(10));
        assertThat(task).isPresent();
        ForgedLog.assertEscaped(task.get().text());
        Optional<Page> tasks = new RecentTasks(log, trees()).page().block(Duration.ofSeconds(10));
        assertThat(tasks).isPresent();
        ForgedLog.assertSafe(tasks.get().text());
        assertThat(tasks.get().text().lines()).hasSize(1);
    }

    /** The script puts in every text by {@code element}, which escapes it, or by {@code printable} itself. */
    @Test
    void console_everyTextIsMadePrintable() throws Exception {
        String script = new ClassPathResource("console/console.js").getContentAsString(StandardCharsets.UTF_8);
        assertThat(script.lines().filter(line -> line.contains("textContent =")))
                .hasSize(2)
                .allMatch(line -> line.contains("printable("));
        assertThat(script).doesNotContain("createTextNode", "innerText", "append(task", "append(call");
    }
}
