package dev.errand.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HumanPolicyTest {
    private static final HumanPolicy JOBS = new HumanPolicy(
            "repository",
            List.of("acme/app"),
            "i",
            false,
            null,
            Map.of("event_name", List.of("schedule", "workflow_dispatch"), "ref", List.of("refs/heads/main")));

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            i | {"repository":"acme/app","event_name":"schedule","ref":"refs/heads/main"}             | true
            i | {"repository":"acme/app","event_name":["x","workflow_dispatch"],"ref":"refs/heads/main"} | true
            j | {"repository":"acme/app","event_name":"schedule","ref":"refs/heads/main"}             | false
            i | {"repository":"acme/other","event_name":"schedule","ref":"refs/heads/main"}           | false
            i | {"repository":"acme/app","event_name":"pull_request","ref":"refs/heads/main"}         | false
            i | {"repository":"acme/app","event_name":"schedule","ref":"refs/pull/3/merge"}           | false
            i | {"repository":"acme/app","event_name":"schedule"}                                     | false
            i | {"repository":"acme/app","event_name":true,"ref":"refs/heads/main"}                   | false
            i | {"event_name":"schedule","ref":"refs/heads/main"}                                     | false
            """)
    void admits_demandsEveryClaim(String issuer, String claims, boolean admitted) throws Exception {
        assertThat(JOBS.admits(issuer, Json.parseObject(claims.getBytes(StandardCharsets.UTF_8))))
                .isEqualTo(admitted);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            scp     | "Errand.Start"               | true
            scp     | "Errand.Start User.Read"     | true
            scope   | "openid Errand.Start email"  | true
            scope   | ["openid", "Errand.Start"]   | true
            scp     | "Errand.Starter"             | false
            scp     | "My.Errand.Start User.Read"  | false
            scp     | "Errand.Start,User.Read"     | false
            scp     | "Errand.Start\\tUser.Read" | false
            scope   | "errand.start"               | false
            scope   | ""                           | false
            scope   | " "                          | false
            scope   | ["openid Errand.Start"]      | false
            groups  | "Errand.Start User.Read"     | false
            """)
    void admits_readsTheTextOfAScopeAsAList(String claim, String value, boolean admitted) throws Exception {
        HumanPolicy scoped = new HumanPolicy(claim, List.of("Errand.Start"), null, false);
        HumanPolicy where = new HumanPolicy(null, List.of(), null, false, null, Map.of(claim, List.of("Errand.Start")));
        JsonObject claims = Json.parseObject(("{\"" + claim + "\":" + value + "}").getBytes(StandardCharsets.UTF_8));
        assertThat(scoped.admits("i", claims)).isEqualTo(admitted);
        assertThat(where.admits("i", claims)).isEqualTo(admitted);
    }
}
