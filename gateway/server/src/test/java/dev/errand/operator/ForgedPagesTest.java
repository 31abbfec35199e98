package dev.errand.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.policy.LivePolicies;
import dev.errand.server.ForgedLog;
import dev.errand.template.Policies;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The operator's pages of a log whose texts try to forge lines. */
class ForgedPagesTest {
    @TempDir
    static Path log;

    @BeforeAll
    static void write() throws Exception {
        ForgedLog.write(log);
    }

    @Test
    void pages_asText_haveNoForgedLine() throws Exception {
        LivePolicies live = new LivePolicies(new Policies("r", Map.of(), Map.of()));
        Page decision = new DecisionPages(log, log, live).find("d-2").orElseThrow();
        ForgedLog.assertEscaped(decision.text());
        Optional<Page> task =
                TaskTrees.page("t-1", new TaskTrees(log).records("t-1").records(), 0, null);
        assertThat(task).isPresent();
        ForgedLog.assertEscaped(task.get().text());
    }
}
