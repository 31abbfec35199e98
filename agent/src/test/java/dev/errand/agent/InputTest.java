package dev.errand.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.holder.AgentException;
import dev.errand.json.Jcs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InputTest {
    @Test
    void steps_areYamlOrJson() {
        String yaml = """
                # look first
                - vault:kv.read: 1..3
                - ci:pipeline.trigger
                - any:
                    - k8s:pods.get: "?"
                    - {k8s:pods.list: 2}
                """;
        String json = "[{\"vault:kv.read\":\"1..3\"},\"ci:pipeline.trigger\","
                + "{\"any\":[{\"k8s:pods.get\":\"?\"},{\"k8s:pods.list\":2}]}]";
        assertThat(Jcs.canonical(Input.steps("--sequence", yaml))).isEqualTo(json);
        assertThat(Jcs.canonical(Input.steps("--sequence", json))).isEqualTo(json);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "secret",
                "{secret: 1}",
                "[secret: 1.5]",
                "[secret: null]",
                "[{secret: 1, secret: 2}]",
                "[secret: [",
                "- &a [secret]\n- *a",
                "- !!binary c2VjcmV0",
                "[secret]\n---\n[secret]"
            })
    void whatIsNoListOfSteps_isRefusedWithoutItsContent(String text) {
        assertThatThrownBy(() -> Input.steps("--sequence", text))
                .isInstanceOf(AgentException.class)
                .hasMessageStartingWith("--sequence ")
                .hasMessageNotContaining("secret");
    }
}
