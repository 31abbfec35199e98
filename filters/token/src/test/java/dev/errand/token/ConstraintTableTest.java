package dev.errand.token;

import static dev.errand.token.TestHolder.object;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.token.Capability.Check;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What makes a constraint well-formed (AAT-02 steps 3n and 4o) and what it admits (step 6b), each border on both sides. */
class ConstraintTableTest {
    private static final String EXACT = "{'constraint_type':'exact','value':1}";

    private static Capability parse(String constraint) throws MalformedConstraintException {
        return CapabilityParser.parse(
                object("{\"tools\":{\"t\":{\"a\":" + constraint.replace('\'', '"') + "}}}"),
                CapabilityParser.MAX_NESTING);
    }

    private static String typed(String text) {
        int bar = text.indexOf('|');
        String members = bar < 0 || bar == text.length() - 1 ? "" : "," + text.substring(bar + 1);
        return "{'constraint_type':'" + (bar < 0 ? text : text.substring(0, bar)) + "'" + members + "}";
    }

    private static void refused(String constraint) {
        assertThatThrownBy(() -> parse(constraint))
                .isInstanceOfSatisfying(
                        MalformedConstraintException.class,
                        malformed -> assertThat(malformed.isShape()).isFalse());
    }

    private static String nested(String type, int levels) {
        String clause = EXACT;
        for (int i = 1; i < levels; i++) {
            clause = "{'constraint_type':'" + type + "','constraints':[" + clause + "]}";
        }
        return clause;
    }

    private static String wide(String type, int clauses) {
        return "{'constraint_type':'" + type + "','constraints':["
                + String.join(",", Collections.nCopies(clauses, EXACT)) + "]}";
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "exact|'value':null",
                "exact|'value':true",
                "exact|'value':''",
                "exact|'value':1e20",
                "exact|'value':9007199254740994",
                "exact|'value':1,'optional':true",
                "exact|'value':1,'optional':false",
                "range",
                "range|'min':1",
                "range|'max':1,'max_inclusive':false",
                "range|'min':1,'max':1",
                "range|'min':1,'max':1.0",
                "range|'min':-0,'max':0",
                "range|'min':1,'max':2,'min_inclusive':true,'max_inclusive':false",
                "one_of|'values':[1]",
                "one_of|'values':[1,[2],{'x':3}]",
                "not_one_of|'excluded':[]",
                "contains|'required':[]",
                "subset|'allowed':[]",
                "wildcard",
                "path_containment|'root':'a/b'",
                "path_containment|'root':'/a/b'"
            })
    void parse_wellFormed_isAccepted(String constraint) throws Exception {
        assertThat(parse(typed(constraint)).tools()).containsOnlyKeys("t");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "regex|'value':1",
                "Exact|'value':1",
                "exact",
                "exact|'value':[1]",
                "exact|'value':{}",
                "exact|'value':1,'note':'x'",
                "exact|'value':9007199254740993",
                "exact|'value':1e400",
                "exact|'value':1,'optional':'true'",
                "exact|'value':1,'optional':null",
                "range|'min':2,'max':1",
                "range|'min':1.0000001,'max':1",
                "range|'min':1,'max':-1,'min_inclusive':false",
                "range|'min':'1'",
                "range|'max':null",
                "range|'min':1,'min_inclusive':1",
                "range|'min_inclusive':true",
                "range|'max':1,'min_inclusive':true",
                "range|'min':0.1000000000000000055511151231257827",
                "range|'value':1",
                "one_of|'values':[]",
                "one_of|'values':1",
                "one_of",
                "one_of|'values':[9007199254740993]",
                "not_one_of|'excluded':{}",
                "contains|'required':'a'",
                "subset|'allowed':null",
                "wildcard|'value':1",
                "all|'constraints':[]",
                "any|'constraints':[]",
                "all|'constraints':{}",
                "any",
                "all|'constraints':[1]",
                "all|'constraints':[{'constraint_type':'no_such_type'}]",
                "any|'constraints':[{'constraint_type':'exact','value':1,'optional':true}]",
                "all|'constraints':[{'constraint_type':'range','min':2,'max':1}]",
                "path_containment|'root':'a//b'",
                "path_containment|'root':'//a'",
                "path_containment|'root':'/'",
                "path_containment|'root':'/a/'",
                "path_containment|'root':'/../a'",
                "path_containment|'root':'a/../b'",
                "path_containment|'root':''",
                "path_containment|'root':7"
            })
    void parse_malformed_isRefused(String constraint) {
        refused(typed(constraint));
    }

    @ParameterizedTest
    @ValueSource(strings = {"7", "null", "[]", "{}", "{'constraint_type':1}", "{'value':1}"})
    void parse_noConstraintAtAll_isRefused(String constraint) {
        refused(constraint);
    }

    @ParameterizedTest
    @ValueSource(strings = {"all", "any"})
    void parse_thirtyTwoLevels_areAcceptedAndOneMoreIsNot(String type) throws Exception {
        parse(nested(type, 32));
        refused(nested(type, 33));
    }

    @ParameterizedTest
    @ValueSource(strings = {"all", "any"})
    void parse_sixtyFourClauses_areAcceptedAndOneMoreIsNot(String type) throws Exception {
        parse(wide(type, 64));
        refused(wide(type, 65));
    }

    @Test
    void parse_clausesInsideClauses_countToo() throws Exception {
        String seven = wide("any", 7);
        parse("{'constraint_type':'all','constraints':[" + String.join(",", Collections.nCopies(8, seven)) + "]}");
        refused("{'constraint_type':'all','constraints':[" + String.join(",", Collections.nCopies(8, wide("any", 8)))
                + "]}");
        // Of each argument on its own.
        CapabilityParser.parse(
                object(("{'tools':{'t':{'a':" + wide("all", 64) + ",'b':" + wide("any", 64) + "}}}")
                        .replace('\'', '"')),
                CapabilityParser.MAX_NESTING);
    }

    @Test
    void parse_restOfTheArguments_isAPlainWildcard() throws Exception {
        CapabilityParser.parse(object("{\"tools\":{\"t\":{\"*\":{\"constraint_type\":\"wildcard\"}}}}"), 32);
        for (String rest : new String[] {
            "{\"constraint_type\":\"exact\",\"value\":1}",
            "{\"constraint_type\":\"wildcard\",\"optional\":true}",
            "{\"constraint_type\":\"wildcard\",\"optional\":false}"
        }) {
            assertThatThrownBy(() -> CapabilityParser.parse(object("{\"tools\":{\"t\":{\"*\":" + rest + "}}}"), 32))
                    .isInstanceOf(MalformedConstraintException.class);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "true; exact|'value':1; 1.0",
                "false; exact|'value':1; '1'",
                "false; exact|'value':1; true",
                "true; exact|'value':null; null",
                "true; range|'min':1,'max':2; 1",
                "true; range|'min':1,'max':2; 2",
                "false; range|'min':1,'max':2; 2.0000001",
                "false; range|'min':1,'min_inclusive':false; 1",
                "false; range|'max':2,'max_inclusive':false; 2",
                "true; range; -5",
                "false; range; '5'",
                "false; range; true",
                "true; range|'min':3,'max':3; 3.0",
                "true; one_of|'values':['a',1]; 1.0",
                "false; one_of|'values':['a',1]; 'A'",
                "true; one_of|'values':[{'x':1,'y':2}]; {'y':2,'x':1.0}",
                "true; not_one_of|'excluded':['a']; 'b'",
                "false; not_one_of|'excluded':['a']; 'a'",
                "false; not_one_of|'excluded':[1]; 1.0",
                "true; contains|'required':['a']; ['b','a','a']",
                "false; contains|'required':['a','b']; ['a']",
                "true; contains|'required':[]; []",
                "false; contains|'required':[]; 'a'",
                "true; subset|'allowed':['a','b']; ['a','a']",
                "true; subset|'allowed':['a']; []",
                "false; subset|'allowed':['a']; ['a','c']",
                "false; subset|'allowed':['a']; 'a'",
                "true; wildcard; [{}]",
                "true; all|'constraints':[{'constraint_type':'range','min':1},{'constraint_type':'range','max':2}]; 2",
                "false; all|'constraints':[{'constraint_type':'range','min':1},{'constraint_type':'range','max':2}]; 3",
                "true; any|'constraints':[{'constraint_type':'exact','value':1},{'constraint_type':'exact','value':2}]; 2",
                "false; any|'constraints':[{'constraint_type':'exact','value':1},{'constraint_type':'exact','value':2}]; 3",
                "true; path_containment|'root':'a/b'; 'a/b'",
                "true; path_containment|'root':'a/b'; 'a/b/c'",
                "false; path_containment|'root':'a/b'; 'a/bc'",
                "false; path_containment|'root':'a/b'; 'a/b/../c'",
                "true; path_containment|'root':'a/b'; 'a/b/'",
                "true; path_containment|'root':'/a/b'; '/a/b/c/'",
                "false; path_containment|'root':'a/b'; 'a/b//'",
                "false; path_containment|'root':'a/b'; 'a/bc/'",
                "false; path_containment|'root':'a/b'; 'a/b/../'",
                "false; path_containment|'root':'a/b'; '/'"
            })
    void check_argument_isAsTheTableSays(boolean admitted, String constraint, String argument) throws Exception {
        Check check = parse(typed(constraint)).check("t", object("{\"a\":" + argument.replace('\'', '"') + "}"));
        assertThat(check).isEqualTo(admitted ? new Check.Granted() : new Check.Violated("a"));
    }
}
