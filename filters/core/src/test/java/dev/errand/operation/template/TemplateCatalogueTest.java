package dev.errand.operation.template;

import static dev.errand.operation.Requests.catalogue;
import static dev.errand.operation.Requests.outcome;
import static dev.errand.operation.Requests.request;
import static dev.errand.operation.Requests.withBody;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operation.CatalogueRequest;
import dev.errand.operation.Effect;
import dev.errand.operation.JsonPointer;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.OperationValues;
import dev.errand.operation.Resolution;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TemplateCatalogueTest {
    private static final OperationCatalogue API = catalogue("""
            catalogue: api
            resolver: template
            base-path: /v1
            operations:
              - {id: kv.read, match: {method: GET, path: "/secret/data/{path+}"}, effect: read, resource: "secret/{path}", params: {version: query}}
              - {id: kv.write, match: {method: [POST, PUT], path: "/secret/data/{path+}"}, effect: write, resource: "secret/{path}"}
              - id: kv.list
                match: [{method: LIST, path: "/secret/metadata/{path*}"}, {method: GET, path: "/secret/metadata/{path*}", query: {list: "true"}}, {method: GET, path: "/secret/metadata/{path*}/", query: {list: "true"}}]
                effect: list
                resource: "secret/{path}"
              - {id: kv.meta, match: {method: GET, path: "/secret/metadata/{path+}"}, effect: read}
              - {id: gist.public, match: {method: GET, path: /gists/public}, effect: list, resource: gists}
              - {id: gist.get, match: {method: GET, path: "/gists/{id}"}, effect: read, resource: "gists/{id}"}
              - {id: blob, match: {method: GET, path: "/reg/{name+}/blobs/{digest}"}, effect: read, resource: "{name}@{digest}"}
              - {id: compare, match: {method: GET, path: "/compare/{base}...{head}"}, effect: read, resource: "{base}/{head}"}
              - {id: run, match: {method: POST, path: "/run/{job}"}, effect: execute, resource: "{job}", params: {ref: "body:/ref", n: "body:/in/0", tag: "header:X-Tag", page: "query:number"}, yields: untrusted, needs: trusted}
              - {id: left, match: {method: GET, path: "/x/{b}/c"}, effect: read}
              - {id: right, match: {method: GET, path: "/{a}/y/c"}, effect: read}
            """);

    @ParameterizedTest
    @CsvSource({
        "GET, /v1/secret/data/a/b, 'api:kv.read on secret/a/b'",
        "HEAD, /v1/secret/data/a, 'api:kv.read on secret/a'",
        "GET, /v1/s%65cret/data/%61?version=2, 'api:kv.read on secret/a'",
        "GET, /v1/secret/data, unknown",
        "GET, /v1/secret/data/, unknown",
        "GET, /v1/secret/data/a/, unknown",
        "GET, /v1/SECRET/data/a, unknown",
        "GET, /secret/data/a, unknown",
        "OPTIONS, /v1/secret/data/a, unknown",
        "TRACE, /v1/secret/data/a, unknown",
        "get, /v1/secret/data/a, unknown",
        "GET, /v1/secret/data/a?list=true, malformed",
        "GET, /v1/secret/data/a?version=1&version=2, malformed",
        "GET, /v1/secret/data/a?version=1+2, malformed",
        "GET, /v1/secret/data/a?other=1, malformed",
        "GET, /v1/secret/data/a?, 'api:kv.read on secret/a'",
        "GET, /v1/secret/data/a?&, 'api:kv.read on secret/a'",
        "GET, /v1/secret/data/a?=, malformed",
        "PUT, /v1/secret/data/a, 'api:kv.write on secret/a'",
        "LIST, /v1/secret/metadata/a, 'api:kv.list on secret/a'",
        "LIST, /v1/secret/metadata, 'api:kv.list on secret'",
        "GET, /v1/secret/metadata/a?list=true, 'api:kv.list on secret/a'",
        "GET, /v1/secret/metadata/a?li%73t=tru%65, 'api:kv.list on secret/a'",
        "GET, /v1/secret/metadata/a/?list=true, 'api:kv.list on secret/a'",
        "GET, /v1/secret/metadata/?list=true, 'api:kv.list on secret'",
        "GET, /v1/secret/metadata/a?list=true&list=false, malformed",
        "GET, /v1/secret/metadata/a?list=false, malformed",
        "GET, /v1/secret/metadata/a, 'api:kv.meta on secret/metadata/a'",
        "GET, /v1/gists/public, 'api:gist.public on gists'",
        "GET, /v1/gists/7, 'api:gist.get on gists/7'",
        "GET, /v1/reg/team/blobs/app/blobs/d1, 'api:blob on team/blobs/app@d1'",
        "GET, /v1/reg/blobs/d1, unknown",
        "GET, /v1/compare/a...b, 'api:compare on a/b'",
        "GET, /v1/compare/a...b...c, unknown",
        "GET, /v1/compare/...b, unknown",
        "GET, /v1/x/y/c, 'api:left on x/y/c'",
        "GET, /v1/z/y/c, 'api:right on z/y/c'",
        "GET, /v1/secret/data/a/../b, malformed",
        "GET, /v1/secret/data/a%2Fb, malformed"
    })
    void resolve_namesTheOperation(String method, String target, String expected) {
        assertThat(outcome(API, request(method, target))).isEqualTo(expected);
    }

    @Test
    void resolve_givesTheCanonicalTargetToSend() {
        Resolution.Resolved resolved =
                (Resolution.Resolved) API.resolve(request("GET", "/v1/secret/data/%61%20b?v%65rsion=%31"));
        assertThat(resolved.path()).isEqualTo("/v1/secret/data/a%20b");
        assertThat(resolved.query()).isEqualTo("version=1");
        assertThat(resolved.calls().get(0).resource()).isEqualTo("secret/a b");
    }

    private static String arguments(CatalogueRequest request) {
        Resolution found = API.resolve(request);
        return found instanceof Resolution.Resolved resolved
                ? Jcs.canonical(resolved.calls().get(0).arguments())
                : found instanceof Resolution.Malformed malformed ? malformed.why() : found.toString();
    }

    @Test
    void arguments_areTheResourceAndTheDeclaredParameters() {
        CatalogueRequest full = withBody(
                "POST",
                "/v1/run/j?page=3",
                "{\"ref\":{\"x\":1},\"in\":[\"a\"],\"z\":1}",
                "X-Tag",
                " t ",
                "Content-Type",
                "application/json; charset=utf-8");
        assertThat(API.needsBody(full)).isTrue();
        assertThat(API.needsBody(request("GET", "/v1/gists/7"))).isFalse();
        assertThat(arguments(full))
                .isEqualTo("{\"n\":\"a\",\"page\":3,\"ref\":{\"x\":1},\"resource\":\"j\",\"tag\":\"t\"}");
        assertThat(arguments(withBody("POST", "/v1/run/j", ""))).isEqualTo("{\"resource\":\"j\"}");
        assertThat(arguments(request("GET", "/v1/secret/data/a?version=2")))
                .isEqualTo("{\"resource\":\"secret/a\",\"version\":\"2\"}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"a\":1,\"a\":2} | | | the body is not one JSON value: not JSON, a duplicate member, or too deep",
                "{} {} | | | the body is not one JSON value: more than one value",
                "{} | Content-Encoding | identity | a body with a Content-Encoding cannot be read: send it plain",
                "{} | Content-Encoding | gzip | a body with a Content-Encoding cannot be read: send it plain",
                "{} | Content-Type | application/x-www-form-urlencoded | this operation takes a body of Content-Type application/json",
                "{} | Content-Type | application/json; charset=utf-16 | this operation takes a body of Content-Type application/json"
            })
    void body_thatCannotBeTrusted_isMalformed(String body, String name, String value, String why) {
        CatalogueRequest request =
                name == null ? withBody("POST", "/v1/run/j", body) : withBody("POST", "/v1/run/j", body, name, value);
        assertThat(arguments(request)).isEqualTo(why);
    }

    @Test
    void bodyParameter_withALookalikeByCase_isMalformed() {
        assertThat(arguments(withBody("POST", "/v1/run/j", "{\"ref\":\"a\",\"Ref\":\"b\"}")))
                .isEqualTo("a member of the body that some servers take for 'ref'");
        assertThat(arguments(withBody("POST", "/v1/run/j", "{\"REF\":\"b\"}")))
                .isEqualTo("a member of the body that some servers take for 'ref'");
        assertThat(arguments(withBody("POST", "/v1/run/j", "{\"ref\":\"a\",\"\uff52ef\":\"b\"}")))
                .as("a fullwidth r")
                .isEqualTo("a member of the body that some servers take for 'ref'");
        assertThat(arguments(withBody("POST", "/v1/run/j", "{\"in\":[\"a\"],\"iN\":[\"b\"]}")))
                .isEqualTo("a member of the body that some servers take for 'in'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'ref':'a','re\\u0000f':'b'}",
                "{'ref':'a','re\u200bf':'b'}",
                "{'ref':'a','\ufeffref':'b'}",
                "{'ref':'a','re\u00adf':'b'}",
                "{'ref':'a','ref\ufe0f':'b'}",
                "{'ref':'a','ref\udb40\udc01':'b'}",
                "{'ref':'a','re\u0085f':'b'}",
                "{'ref':'a','in':[{'x':{'\\n':1}}]}"
            })
    void memberWhoseNameHoldsACharacterThatIsNotSeen_isMalformed(String body) {
        assertThat(arguments(withBody("POST", "/v1/run/j", body.replace('\'', '"'))))
                .isEqualTo("the name of a member of the body has a control character or one that is not seen");
    }

    @Test
    void memberWithAnyOtherName_orSuchAValue_passes() {
        assertThat(arguments(withBody(
                        "POST", "/v1/run/j", "{\"ref\":\"\u200b\",\"na me\":1,\"\u00e9\ud83d\ude00\":[{\"\":2}]}")))
                .isEqualTo("{\"ref\":\"\u200b\",\"resource\":\"j\"}");
    }

    @Test
    void parameters_givenTwiceOrOfAnotherType_areMalformed() {
        assertThat(arguments(withBody("POST", "/v1/run/j", "{}", "X-Tag", "a", "x-tag", "b")))
                .isEqualTo("the header X-Tag is given twice");
        assertThat(arguments(withBody("POST", "/v1/run/j", " ".repeat((1 << 20) + 1))))
                .contains("larger than");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-5", "17", "0.5", "1e%2B21", "9007199254740992", "9223372036854776000", "1%30"})
    void numberInAQuery_asRfc8785SpellsIt_isAnArgument(String spelled) {
        assertThat(arguments(request("POST", "/v1/run/j?page=" + spelled)))
                .isEqualTo("{\"page\":" + spelled.replace("%2B", "+").replace("%30", "0") + ",\"resource\":\"j\"}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "01",
                "-0",
                "%2B1",
                "1.0",
                "1e2",
                "100000e-3",
                "1E%2B21",
                "1e21",
                ".5",
                "0x10",
                "1_0",
                "%201",
                "1%20",
                "%D9%A1",
                "9007199254740993",
                "9223372036854775808",
                "true",
                "NaN"
            })
    void numberInAQuery_inAnotherSpelling_isMalformed(String spelled) {
        assertThat(arguments(request("POST", "/v1/run/j?page=" + spelled)))
                .startsWith("the query key page is no number as RFC 8785 spells it");
    }

    @Test
    void operations_areFoundById_andExpandedByEffect() {
        assertThat(API.operation("api:run"))
                .contains(new Operation(
                        "api:run",
                        Effect.EXECUTE,
                        true,
                        true,
                        List.of(),
                        List.of(),
                        new OperationValues(Map.of(), false, Set.of("ref", "n"))));
        assertThat(API.operation("api:nothing")).isEmpty();
        assertThat(API.operation("other:run")).isEmpty();
        assertThat(API.reviewed(Set.of(Effect.LIST)))
                .extracting(Operation::id)
                .containsExactlyInAnyOrder("api:kv.list", "api:gist.public");
    }

    @Test
    void as_renamesEveryId() {
        OperationCatalogue other = API.as("api-2");
        assertThat(other.name()).isEqualTo("api-2");
        assertThat(outcome(other, request("GET", "/v1/gists/7"))).isEqualTo("api-2:gist.get on gists/7");
        assertThat(other.operation("api-2:run")).isPresent();
        assertThat(other.operation("api:run")).isEmpty();
        assertThat(other.as("api-3").operation("api-3:run")).isPresent();
    }

    @Test
    void openQuery_letsUndeclaredKeysPass_butNoSelectorTwice() {
        OperationCatalogue open = catalogue("""
                catalogue: o
                resolver: template
                normalise: {query: open, encoded-slash: literal, trailing-slash: ignore}
                operations:
                  - {id: get, match: {method: GET, path: "/p/{id}"}, effect: read, resource: "{id}", params: {v: query}}
                """);
        assertThat(outcome(open, request("GET", "/p/g%2fh/?x=1&x=2"))).isEqualTo("o:get on g%2Fh");
        assertThat(outcome(open, request("GET", "/p/g?v=1&v=2"))).isEqualTo("malformed");
    }

    @Test
    void trailingSlash_distinctBesideEmptySegments_matchesOnlyATemplateThatEndsInOne() {
        OperationCatalogue literal = catalogue("""
                catalogue: o
                resolver: template
                normalise: {empty-segments: literal}
                operations:
                  - {id: get, match: {method: GET, path: "/p/{id}"}, effect: read, resource: "{id}"}
                  - {id: list, match: {method: GET, path: "/p/{id}/"}, effect: list, resource: "{id}"}
                  - {id: deep, match: {method: GET, path: "/q/{path+}"}, effect: read, resource: "{path}"}
                """);
        assertThat(outcome(literal, request("GET", "/p/a"))).isEqualTo("o:get on a");
        assertThat(outcome(literal, request("GET", "/p/a/"))).isEqualTo("o:list on a");
        assertThat(outcome(literal, request("GET", "/q/a//b"))).isEqualTo("o:deep on a//b");
        assertThat(outcome(literal, request("GET", "/q/a/"))).isEqualTo("unknown");
    }

    /** What a server makes of these depends on whether it folds names, so they have no one meaning. */
    @ParameterizedTest
    @CsvSource({
        "X_Tag, a, 'a header that some servers take for X-Tag'",
        "x_tag, a, 'a header that some servers take for X-Tag'",
        "Content_Encoding, gzip, 'a header that some servers take for Content-Encoding or Content-Type'",
        "content_type, text/plain, 'a header that some servers take for Content-Encoding or Content-Type'"
    })
    void resolve_headerWithAnUnderscore_isMalformed(String name, String value, String why) {
        CatalogueRequest alone = withBody("POST", "/v1/run/j", "{\"ref\":\"a\"}", name, value);
        assertThat(API.resolve(alone)).isEqualTo(new Resolution.Malformed(why));
        CatalogueRequest beside = withBody(
                "POST", "/v1/run/j", "{\"ref\":\"a\"}", "X-Tag", "a", "Content-Type", "application/json", name, value);
        assertThat(API.resolve(beside)).isEqualTo(new Resolution.Malformed(why));
    }

    @ParameterizedTest
    @CsvSource({
        "range_end, rangeEnd, true",
        "rangeEnd, range_end, true",
        "id, _id, false",
        "ID, id, true",
        "a_b, ab, false"
    })
    void lookalike_ofTheOtherCaseOfProtocolBuffers_isFound(String declared, String sent, boolean found) {
        JsonPointer pointer = Objects.requireNonNull(JsonPointer.parse("/" + declared));
        JsonObject body = new JsonObject(Map.of(sent, new JsonString("x")));
        assertThat(pointer.lookalike(body) != null).isEqualTo(found);
    }
}
