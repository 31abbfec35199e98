package dev.errand.operation.s3;

import static dev.errand.operation.Requests.catalogue;
import static dev.errand.operation.Requests.outcome;
import static dev.errand.operation.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.operation.OperationCatalogue;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;

class ActionsTest {
    private static final OperationCatalogue S3 = catalogue("{catalogue: s3, resolver: s3}");

    @Test
    void resolve_everyActionOfTheTable_isItself() {
        assertThat(Actions.operations()).hasSizeGreaterThan(80);
        for (Action action : Actions.operations().values()) {
            StringJoiner query = new StringJoiner("&", "?", "");
            query.setEmptyValue("");
            action.selectors().forEach(key -> query.add(key.endsWith("-type") ? key + "=2" : key));
            String path = switch (action.level()) {
                case SERVICE -> "/";
                case BUCKET -> "/bucket";
                case OBJECT -> "/bucket/key";
            };
            boolean copies = action.method().equals("-");
            String found = outcome(
                    S3,
                    copies
                            ? request("PUT", path + query, "x-amz-copy-source", "other/key")
                            : request(action.method(), path + query));
            assertThat(found).startsWith("s3:" + action.id() + " on ");
        }
    }
}
