package dev.errand.template;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Fault;
import dev.errand.config.Faults;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TemplateFaultsTest {
    private static final TemplateParser PARSER = new TemplateParser();

    @Test
    void parse_goodTemplate_hasNoFault() {
        Faults faults = new Faults();

        assertThat(PARSER.parse("t.yaml", TemplateFixtures.GOOD, TemplateFixtures.OPERATIONS, faults))
                .isPresent();

        assertThat(faults.list()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            lifetime                | lifetimes: 15m                                  | t.yaml:6:1: unknown key 'lifetimes'; did you mean 'lifetime'?
            lifetime                | lifetime: 15                                    | t.yaml:6:11: expected a duration 1s..31d such as 10s, 15m or 1h, found the number 15
            lifetime                | lifetime: 0s                                    | t.yaml:6:11: expected a duration 1s..31d such as 10s, 15m or 1h, found '0s'
            template                | template: "a b"                                 | t.yaml:1:11: a template's name is a letter or digit, then letters, digits, '.', '_' or '-', at most 64
            template                | template: 7                                     | t.yaml:1:11: expected a string, found the number 7; quote it
            description             | descripton: x                                   | t.yaml:2:1: unknown key 'descripton'; did you mean 'description'?
            agents                  | agents: ["spiffe://*.org/agent/x"]              | t.yaml:3:9: 'spiffe://*.org/agent/x' is not a SPIFFE ID with a path, '*' only within one path segment, such as spiffe://example.org/agent/release-*
            agents                  | agents: ["spiffe://example.org"]                | t.yaml:3:9: 'spiffe://example.org' is not a SPIFFE ID with a path, '*' only within one path segment, such as spiffe://example.org/agent/release-*
            agents                  | agents: ["spiffe://example.org/agent/**"]       | t.yaml:3:9: 'spiffe://example.org/agent/**' is not a SPIFFE ID with a path, '*' only within one path segment, such as spiffe://example.org/agent/release-*
            agents                  | agents: []                                      | t.yaml:3:9: agents must name at least one SPIFFE ID
            humans                  | humans: {}                                      | t.yaml:4:9: humans must name a claim (with any: [..]) or an issuer
            humans                  | humans: {claim: groups}                         | t.yaml:4:9: claim and any must both be there: a claim of the human's token, and its accepted values
            humans                  | humans: {claim: g, any: [a], where: {e: []}}    | t.yaml:4:38: 'e' must have at least one value
            humans                  | humans: {claim: g, any: [a], where: [e]}        | t.yaml:4:37: expected a mapping, found a list
            humans                  | humans: {claim: groups, any: []}                | t.yaml:4:30: any must have at least one value
            humans                  | humans: {issuer: "https://i", consent: taks}    | t.yaml:4:40: unknown value 'taks' for consent; did you mean 'task'?
            humans                  | humans: {clam: groups, any: [a], issuer: i}     | t.yaml:4:10: unknown key 'clam'; did you mean 'claim'?
            starts                  | starts: {active: 0}                             | t.yaml:5:18: expected an integer 1..1000000, found the number 0
            starts                  | starts: {limit: {capacity: 1, per: 1h, observe: true}} | t.yaml:5:40: unknown key 'observe'; known are capacity, per
            delegation              | delegation: {max-depth: 9}                      | t.yaml:7:25: expected an integer 0..8, found the number 9
            parameters              | parameters: {service: "(?=x)"}                  | t.yaml:8:23: not a pattern of linear time (RE2 syntax: no look-around, no back references): invalid or unsupported Perl syntax
            parameters              | parameters: {servce: "a+"}                      | t.yaml:10:48: unknown parameter 'service'; did you mean 'servce'?
            `  vault:kv.read:`      | `  vault:kv.reed: {}`                           | t.yaml:10:3: unknown operation 'vault:kv.reed'; did you mean 'vault:kv.read'?
            `  vault:kv.read:`      | `  valt:kv.read: {}`                            | t.yaml:10:3: unknown catalogue 'valt' in 'valt:kv.read'; did you mean 'vault'?
            `  vault:kv.read:`      | `  kv.read: {}`                                 | t.yaml:10:3: an operation is written catalogue:id, found 'kv.read'
            `  ci:pipeline.get`     | `  ci:pipeline.get: {resource: {exakt: a}}`     | t.yaml:12:32: unknown constraint 'exakt'; did you mean 'exact'?
            `  ci:pipeline.get`     | `  ci:pipeline.get: {resource: {one_of: []}}`   | t.yaml:12:40: expected at least one value
            `  ci:pipeline.get`     | `  ci:pipeline.get: {resource: {wildcard: false}}` | t.yaml:12:42: wildcard must be true; leave the argument out to deny it
            `  ci:pipeline.get`     | `  ci:pipeline.get: {n: {range: {min: 5, max: 1}}}` | t.yaml:12:41: max 1 is below min 5
            `  ci:pipeline.get`     | `  ci:pipeline.get: {n: {exact: 9007199254740993}}` | t.yaml:12:32: the number 9007199254740993 is not one that every JSON reader keeps
            `  ci:pipeline.get`     | `  ci:pipeline.get: {r: {path_containment: "a/../b"}}` | t.yaml:12:43: path_containment has segments between slashes, none of them empty, '.' or '..', found 'a/../b'
            `  ci:pipeline.get`     | `  ci:pipeline.get: {r: {path_containment: "/"}}` | t.yaml:12:43: path_containment has segments between slashes, none of them empty, '.' or '..', found '/'
            `  ci:pipeline.get`     | `  ci:pipeline.get: {r: {one_of: [[a, [b]]]}}` | t.yaml:12:38: expected a single value, found a list
            `  ci:pipeline.get`     | `  ci:pipeline.get: {"*": {exact: a}}`          | t.yaml:12:26: '*' must be {wildcard: true}: it opens the map to any other argument
            `  ci:pipeline.get`     | `  "ci:*": {effects: [reed]}`                   | t.yaml:12:22: unknown effect 'reed'; did you mean 'read'?
            `  ci:pipeline.get`     | `  "ci:*": {effects: [delete]}`                 | t.yaml:12:3: no reviewed operation of 'ci' has one of these effects
            `  ci:pipeline.get`     | `  "ci:*": {resource: {exact: a}}`              | t.yaml:12:11: missing key 'effects'
            `  task:`               | `  task: [{capacity: 40, per: 1500ms}]`         | t.yaml:14:30: a limit's period is in whole seconds, since tokens have whole seconds
            `  task:`               | `  task: [{capacity: 0, per: 1s}]`              | t.yaml:14:21: expected an integer 1..9007199254740991, found the number 0
            `  operations:`         | `  operations: {vault:kv.raed: []}`             | t.yaml:15:16: unknown operation 'vault:kv.raed'; did you mean 'vault:kv.read'?
            `  calls`               | `  calls: 2.5`                                  | t.yaml:16:10: expected an integer 1..9007199254740991, found the number 2.5
            on-violation            | on-violation: {sequence: throttle}              | t.yaml:23:26: throttle is for limit only: write deny or interrupt for sequence
            on-violation            | on-violation: {limit: ask}                      | t.yaml:23:23: ask is for sequence, rule and flow only: write deny or interrupt for limit
            on-violation            | on-violation: {sequence: ask}                   | t.yaml:23:26: nobody may approve: the template needs the key 'ask', whose 'by' says who
            `  ci:pipeline.get`     | `  ci:pipeline.get: {ask: always}`              | t.yaml:12:21: nobody may approve: the template needs the key 'ask', whose 'by' says who
            `  ci:pipeline.get`     | `  ci:pipeline.get: {ask: allways}`             | t.yaml:12:26: unknown value 'allways' for ask; did you mean 'always'?
            `  ci:pipeline.get`     | `  ci:pipeline.get: {ask: {exact: a}}`          | t.yaml:12:27: unknown key 'exact'; known are offer, unless
            `  ci:pipeline.get`     | `  ci:pipeline.get: {ask: {offer: {fixed: [resource]}}}` | t.yaml:12:34: missing key 'calls'
            `  ci:pipeline.get`     | `  ci:pipeline.get: {ask: {offer: {calls: 101, fixed: [resource]}}}` | t.yaml:12:42: expected an integer 1..100, found the number 101
            `  ci:pipeline.get`     | `  ci:pipeline.get: {ask: {offer: {calls: 5, fixed: []}}}` | t.yaml:12:52: fixed names at least one argument, whose value is the same in all calls of the offer
            `  ci:pipeline.get`     | `  ci:pipeline.get: {ask: {offer: {calls: 5, fixed: [resource, resource]}}}` | t.yaml:12:63: 'resource' is named twice
            `  ci:pipeline.get`     | `  ci:pipeline.get: {ask: {offer: {calls: 5, fixed: [[a]]}}}` | t.yaml:12:53: expected a string, found a list
            `  ci:pipeline.get`     | `  ci:pipeline.get: {ref: {pinned: {else: ask}}, ask: {offer: {calls: 5, fixed: [resource]}}}` | t.yaml:12:73: a human is asked about values of 'ref' (else: ask), so fixed must name it, too
            cut                     | ask: {}                                         | t.yaml:24:6: missing key 'by'
            cut                     | ask: {by: {issuer: i}}                          | t.yaml:24:11: by must name 'clients': the clients at which people sign in to approve, none of which starts tasks; or write 'errand.console.login', whose client is the default
            cut                     | ask: {by: {clients: [c]}}                       | t.yaml:24:11: by must name a claim (with any: [..]) or an issuer
            cut                     | ask: {by: {claim: g, clients: [c]}}             | t.yaml:24:11: claim and any must both be there: a claim of the human's token, and its accepted values
            cut                     | ask: {by: {isuer: i}}                           | t.yaml:24:12: unknown key 'isuer'; did you mean 'issuer'?
            cut                     | ask: {quorum: 0}                                | t.yaml:24:15: expected an integer 1..16, found the number 0
            cut                     | ask: {pending: 17}                              | t.yaml:24:16: expected an integer 1..16, found the number 17
            cut                     | ask: {refused: dny}                             | t.yaml:24:16: unknown value 'dny' for refused; did you mean 'deny'?
            on-violation            | on-violation: {limit: interupt}                 | t.yaml:23:23: unknown value 'interupt' for limit; did you mean 'interrupt'?
            on-violation            | on-violation: {repeated: {denials: 3}}          | t.yaml:23:26: missing key 'within'
            interleave              | interleave: [ci:pipeline.gte]                   | t.yaml:20:14: unknown operation 'ci:pipeline.gte'; did you mean 'ci:pipeline.get'?
            `  - ci:pipeline`       | `  - {all: [{any: [vault:kv.reed]}, ci:pipeline.trigger]}` | t.yaml:19:19: unknown operation 'vault:kv.reed'; did you mean 'vault:kv.read'?
            `  - ci:pipeline`       | `  - times: 2`                                  | t.yaml:19:5: an operation is written catalogue:id, found 'times'
            `  - {bounded`          | `  - {absence: ci:pipeline.get, after: ci:pipeline.triger}` | t.yaml:22:39: unknown operation 'ci:pipeline.triger'; did you mean 'ci:pipeline.trigger'?
            cut                     | cut: tree                                       | t.yaml:24:6: unknown value 'tree' for cut; known are subtree, task
            instruction             | instruction: {require: yes}                     | t.yaml:25:24: expected true or false, found 'yes'
            instruction             | instruction: {trust: human}                     | t.yaml:25:22: unknown value 'human' for trust; known are agent
            streams                 | streams: {maximum: 2}                           | t.yaml:26:11: unknown key 'maximum'; known are each, max
            flow                    | flow: enforced                                  | t.yaml:27:7: unknown value 'enforced' for flow; did you mean 'enforce'?
            """)
    void parse_oneBadLine_isNamed(String begins, String line, String message) {
        Faults faults = new Faults();

        assertThat(PARSER.parse("t.yaml", TemplateFixtures.with(begins, line), TemplateFixtures.OPERATIONS, faults))
                .isEmpty();

        assertThat(faults.list()).extracting(Fault::toString).contains(message);
    }

    @Test
    void parse_constraintOfMoreThan64Clauses_isNamedAtItsList() {
        String clauses = String.join(", ", Collections.nCopies(64, "{exact: a}"));
        for (boolean tooMany : new boolean[] {false, true}) {
            Faults faults = new Faults();
            String line = "  ci:pipeline.get: {resource: {any: [" + clauses + (tooMany ? ", {exact: b}" : "") + "]}}";

            PARSER.parse(
                    "t.yaml", TemplateFixtures.with("  ci:pipeline.get", line), TemplateFixtures.OPERATIONS, faults);

            assertThat(faults.list())
                    .extracting(Fault::toString)
                    .isEqualTo(
                            tooMany
                                    ? List.of(
                                            "t.yaml:12:37: a constraint has at most 64 clauses, those inside its clauses"
                                                    + " included, found 65: write single values as one one_of")
                                    : List.of());
        }
    }

    /** A fault of form hides no operation that does not exist, and no other fault beside it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            interleave          | interleave: [{}, ci:pipeline.gte]               | unknown operation 'ci:pipeline.gte'
            `  - ci:pipeline`   | `  - {vault:kv.reed: 1..x, ci:pipeline.triger: 1}` | unknown operation 'vault:kv.reed'
            `  - ci:pipeline`   | `  - {vault:kv.read: 1, ci:pipeline.triger: 1}` | unknown operation 'ci:pipeline.triger'
            `  - {bounded`      | `  - {bounded: ci:pipeline.gte, at-most: x}`    | unknown operation 'ci:pipeline.gte'
            `  - {bounded`      | `  - {absence: ci:pipeline.get, bounded: ci:pipeline.gte}` | unknown operation 'ci:pipeline.gte'
            cut                 | standing: {runs: 0, at-once: 0}                 | expected an integer 1..100, found the number 0
            """)
    void parse_aFaultBesideAFaultOfForm_isNamed(String begins, String line, String message) {
        Faults faults = new Faults();

        PARSER.parse("t.yaml", TemplateFixtures.with(begins, line), TemplateFixtures.OPERATIONS, faults);

        assertThat(faults.list())
                .hasSizeGreaterThan(1)
                .extracting(Fault::message)
                .anyMatch(each -> each.startsWith(message));
    }

    @Test
    void parse_missingKeys_areAllNamed() {
        Faults faults = new Faults();

        PARSER.parse("t.yaml", "lifetime: 1m\n", TemplateFixtures.OPERATIONS, faults);

        assertThat(faults.list())
                .extracting(Fault::message)
                .contains("missing key 'template'", "missing key 'agents'", "missing key 'humans'")
                .contains("missing key 'allow'");
    }
}
