package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.RecordFields;
import dev.errand.operation.HeaderRule;
import dev.errand.operation.HeaderRules;

/** The lists of headers that pass, held against what real clients send. */
final class ClientHeaders {
    private ClientHeaders() {}

    /** No call of the gateway lost a header that its client may need, and none was refused for a header that no list has. */
    static void areListed(RunningGateway gateway) {
        for (String line : gateway.records()) {
            JsonObject record = Jws.object(line);
            if ("decision".equals(record.string("kind"))) {
                assertThat(RecordFields.removed(record))
                        .as("%s: headers that the upstream did not get", record.string("operation"))
                        .allMatch(name -> HeaderRules.COMMON.of(name).fate() == HeaderRule.Fate.HARMLESS);
                assertThat(String.valueOf(record.string("detail")))
                        .as(record.string("operation"))
                        .doesNotContain("is on no list of headers");
            }
        }
    }
}
