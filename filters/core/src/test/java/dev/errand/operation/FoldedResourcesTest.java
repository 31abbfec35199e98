package dev.errand.operation;

import static dev.errand.operation.Requests.catalogue;
import static dev.errand.operation.Requests.outcome;
import static dev.errand.operation.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Json;
import dev.errand.token.Capability;
import dev.errand.token.CapabilityParser;
import dev.errand.token.MalformedConstraintException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Resources of servers that take several spellings for one. */
class FoldedResourcesTest {
    private static final OperationCatalogue GIT = catalogue("""
            catalogue: git
            resolver: template
            normalise: {resource-case: fold, empty-segments: fold}
            operations:
              - {id: read, match: {method: GET, path: "/{repo+}"}, effect: read, resource: "{repo}", params: {ref: query}}
            """);

    private static OperationCall call(OperationCatalogue catalogue, String path) {
        return ((Resolution.Resolved) catalogue.resolve(request("GET", path)))
                .calls()
                .get(0);
    }

    private static boolean grants(String resource, String path) throws Exception {
        OperationCall call = call(GIT, path);
        return capability(resource).check(call.operation().id(), call.judged(), call.folding())
                instanceof Capability.Check.Granted;
    }

    private static Capability capability(String resource)
            throws Json.MalformedJsonException, MalformedConstraintException {
        String json = "{\"tools\":{\"git:read\":{\"resource\":" + resource + "}}}";
        return CapabilityParser.parse(
                Json.parseObject(json.getBytes(StandardCharsets.UTF_8)), CapabilityParser.MAX_NESTING);
    }

    @Test
    void record_showsWhatWasSent() {
        OperationCall call = call(GIT, "/Errand//App?ref=Main");
        assertThat(call.resource()).isEqualTo("Errand//App");
        assertThat(call.arguments().string("resource")).isEqualTo("Errand//App");
        assertThat(call.judged().string("resource")).isEqualTo("errand/app");
        assertThat(call.judged().string("ref")).isEqualTo("Main");
        assertThat(((Resolution.Resolved) GIT.resolve(request("GET", "/Errand//App"))).path())
                .isEqualTo("/Errand//App");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'constraint_type':'exact','value':'Errand/App'} | /errand/app | true",
                "{'constraint_type':'exact','value':'errand/app'} | /ERRAND//APP | true",
                "{'constraint_type':'exact','value':'errand/app'} | /errand/other | false",
                "{'constraint_type':'one_of','values':['x','Errand/App']} | /errand/aPP | true",
                "{'constraint_type':'not_one_of','excluded':['errand/Secret']} | /ERRAND/secret | false",
                "{'constraint_type':'not_one_of','excluded':['errand/secret']} | /errand//SECRET | false",
                "{'constraint_type':'not_one_of','excluded':['errand/secret']} | /errand/app | true",
                "{'constraint_type':'path_containment','root':'Errand'} | /eRRAND//app | true",
                "{'constraint_type':'path_containment','root':'errand'} | /errands/app | false",
                "{'constraint_type':'all','constraints':[{'constraint_type':'path_containment','root':'ERRAND'},{'constraint_type':'not_one_of','excluded':['errand/X']}]} | /errand/x | false",
                "{'constraint_type':'any','constraints':[{'constraint_type':'exact','value':'A'},{'constraint_type':'exact','value':'B'}]} | /b | true"
            })
    void grant_isJudgedFolded(String constraint, String path, boolean granted) throws Exception {
        assertThat(grants(constraint.replace('\'', '"'), path)).isEqualTo(granted);
    }

    @Test
    void resourceBeyondAscii_isMalformed() {
        assertThat(outcome(GIT, request("GET", "/app%E2%84%AA"))).startsWith("malformed");
    }

    @Test
    void anotherPrefix_foldsToo() {
        OperationCatalogue renamed = GIT.as("other");
        assertThat(renamed.folding()).isEqualTo(GIT.folding());
        OperationCall call = call(renamed, "/A//B");
        assertThat(call.operation().id()).isEqualTo("other:read");
        assertThat(call.judged().string("resource")).isEqualTo("a/b");
        assertThat(call.resource()).isEqualTo("A//B");
    }

    @Test
    void withoutTheKeys_nothingFolds() {
        OperationCatalogue plain = catalogue("""
                catalogue: git
                resolver: template
                operations:
                  - {id: read, match: {method: GET, path: "/{repo+}"}, effect: read, resource: "{repo}"}
                """);
        OperationCall call = call(plain, "/A/B");
        assertThat(call.judged()).isSameAs(call.arguments());
        assertThat(outcome(plain, request("GET", "/a//b"))).startsWith("malformed");
    }
}
