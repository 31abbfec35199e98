package dev.errand.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.operation.Effect;
import dev.errand.operation.OperationCall;
import dev.errand.task.AlwaysAsked.Asked;
import dev.errand.token.ParameterValue;
import dev.errand.token.ToolGrant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the id of an operation tells of the questions about its calls. */
class AlwaysAskedTest {
    private static final AlwaysAsked.Unless SMALL = new AlwaysAsked.Unless() {
        @Override
        public JsonObject constraints(Map<String, ParameterValue> parameters) {
            return JsonObject.EMPTY;
        }

        @Override
        public @Nullable ToolGrant grant(Map<String, ParameterValue> parameters) {
            return null;
        }

        @Override
        public @Nullable String misses(OperationCall call, Map<String, ParameterValue> parameters) {
            return "amount";
        }

        @Override
        public Set<String> names() {
            return Set.of("amount");
        }
    };

    @Test
    void mayAsk_isTrueWhereSomeCallIsAsked_andAGrantOfItsOwnWins() {
        AlwaysAsked asked = new AlwaysAsked(
                Map.of(
                        "shop:refund", new Asked(true, SMALL, Set.of(), null),
                        "shop:pay", new Asked(false, null, Set.of("account"), null),
                        "bank:list", Asked.NOTHING),
                List.of(new AlwaysAsked.Wide("bank:", Set.of(Effect.WRITE), new Asked(true, null, Set.of(), null))));
        assertThat(List.of("shop:refund", "shop:pay", "bank:transfer")).allMatch(asked::mayAsk);
        assertThat(List.of("shop:read", "bank:list")).noneMatch(asked::mayAsk);
    }
}
