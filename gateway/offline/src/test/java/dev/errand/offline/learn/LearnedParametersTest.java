package dev.errand.offline.learn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.offline.replay.Recorded;
import dev.errand.offline.replay.Replay;
import dev.errand.template.Policies;
import dev.errand.template.TemplateParser;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LearnedParametersTest {
    private static Proposal learn(Recorded log) {
        return new LearnedTemplate(
                        "t",
                        log.tasks(),
                        null,
                        new Replay(new Policies("", Map.of(), Map.of()), false),
                        new TemplateParser(),
                        1.5,
                        1)
                .learn()
                .orElseThrow()
                .proposal();
    }

    private static Recorded calls(Recorded log, String task, String service) {
        return log.call(task, "vault:kv.read", "secret/" + service + "/db", 200).call(task, "ci:run", service, 200);
    }

    @Test
    void draft_ofRunsWhoseStartsAreRecorded_isInTheirParameters() {
        Recorded log = new Recorded("r");
        calls(log.start("t-1", Map.of("service", "payments")), "t-1", "payments");
        calls(log.start("t-2", Map.of("service", "orders-2")), "t-2", "orders-2");

        Proposal draft = learn(log);

        assertThat(draft.refused().isEmpty()).isTrue();
        assertThat(draft.text())
                .contains(
                        "service: \"[a-z0-9\\\\x{2d}]{1,8}\"  # 2 values seen, such as orders-2, payments",
                        "ci:run: {resource: {exact: \"{service}\"}}",
                        "vault:kv.read: {resource: {exact: \"secret/{service}/db\"}}");
        assertThat(draft.template().grants().parameters().get("service").matches("billing-1"))
                .isFalse();
        assertThat(draft.template().grants().parameters().get("service").matches("bills-1"))
                .isTrue();
    }

    @Test
    void draft_ofRunsOfWhichOneHasNoRecordedStart_leavesTheResourceToTheStart() {
        Recorded log = new Recorded("r");
        calls(log.start("t-1", Map.of("service", "payments")), "t-1", "payments");
        calls(log, "t-2", "orders");

        Proposal draft = learn(log);

        assertThat(draft.refused().isEmpty()).isTrue();
        assertThat(draft.text()).doesNotContain("parameters:").contains("ci:run: {resource: {pinned: true}");
    }
}
