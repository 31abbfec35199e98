package dev.errand.operation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.Capability;
import dev.errand.token.CapabilityParser;
import dev.errand.token.MalformedConstraintException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GrantDecisionTest {
    private Capability wide;
    private Capability narrow;

    @BeforeEach
    void parse() throws Exception {
        wide = grant("{\"a:read\": {\"resource\": {\"constraint_type\": \"wildcard\"}}, \"a:write\": {}}");
        narrow = grant("{\"a:read\": {\"resource\": {\"constraint_type\": \"exact\", \"value\": \"1\"}}}");
    }

    private static Capability grant(String tools) throws Json.MalformedJsonException, MalformedConstraintException {
        return CapabilityParser.parse(object("{\"tools\": " + tools + "}"), CapabilityParser.MAX_NESTING);
    }

    private static JsonObject object(String text) throws Json.MalformedJsonException {
        return (JsonObject) Json.parse(text);
    }

    private static OperationCall call(String id, String arguments) throws Json.MalformedJsonException {
        return new OperationCall(new Operation(id, Effect.READ, false, false), "", object(arguments), false);
    }

    @Test
    void permitsWhatGrantAndBoundAllow() throws Exception {
        assertThat(GrantDecision.of(wide, narrow, List.of(call("a:read", "{\"resource\": \"1\"}")))
                        .denial("the token"))
                .isNull();
    }

    @Test
    void namesEveryOperationThatIsNotGrantedOnceAndBeforeAnArgument() throws Exception {
        OperationCall other = call("a:delete", "{}");
        GrantDecision decision =
                GrantDecision.of(narrow, null, List.of(call("a:read", "{\"resource\": \"2\"}"), other, other));
        assertThat(decision.lacking()).containsExactly("a:delete");
        assertThat(decision.violated()).containsExactly("a:read");
        assertThat(decision.denial("the token"))
                .isEqualTo(new Denial(DenyReason.NOT_GRANTED, "6b", "the token does not grant a:delete"));
    }

    @Test
    void asksTheBoundWhereTheGrantHasNoObjection() throws Exception {
        GrantDecision decision = GrantDecision.of(wide, narrow, List.of(call("a:read", "{\"resource\": \"2\"}")));
        assertThat(decision.violation())
                .isNotNull()
                .satisfies(violation ->
                        assertThat(violation.grant()).isSameAs(narrow.tools().get("a:read")));
        assertThat(decision.denial("the candidate"))
                .isEqualTo(new Denial(
                        DenyReason.CONSTRAINT_VIOLATED,
                        "6b",
                        "the candidate grants a:read only with another value of 'resource'"));
    }

    @Test
    void saysForWhichOperationAnotherOneIsNeeded() throws Exception {
        OperationCall needing = call("a:read", "{\"resource\": \"1\"}").needing(List.of(call("a:copy", "{}")));
        Denial denial = GrantDecision.of(narrow, null, List.of(needing)).denial("the token");
        assertThat(denial)
                .isNotNull()
                .satisfies(why -> assertThat(why.detail())
                        .isEqualTo("the token does not grant a:copy, which a:read needs here too"));
    }

    @Test
    void passesOverArgumentsThatAreNotGivenYet() throws Exception {
        assertThat(GrantDecision.ofGiven(narrow, call("a:read", "{}")).denial("the token"))
                .isNull();
        assertThat(GrantDecision.ofGiven(narrow, call("a:read", "{\"resource\": \"2\"}"))
                        .denial("the token"))
                .isNotNull();
        assertThat(GrantDecision.of(narrow, null, List.of(call("a:read", "{}"))).denial("the token"))
                .isNotNull();
    }
}
