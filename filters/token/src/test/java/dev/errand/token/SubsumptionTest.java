package dev.errand.token;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.JsonValue;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SubsumptionTest {
    /** {@code exact|"value":1} for brevity: the type, then the members. */
    private static Constraint constraint(String text) throws MalformedConstraintException {
        int bar = text.indexOf('|');
        String members = bar < 0 ? "" : "," + text.substring(bar + 1).replace('\'', '"');
        return ConstraintParser.parse(
                TestHolder.object("{\"constraint_type\":\"" + type(text) + "\"" + members + "}"),
                CapabilityParser.MAX_NESTING);
    }

    /** Whether the first subsumes the second; every pair of the table of AAT-02 section 3, both ways. */
    private static final List<String> TABLE = List.of(
            "true;exact|'value':1;exact|'value':1.0",
            "false;exact|'value':1;exact|'value':'1'",
            "false;exact|'value':1;one_of|'values':[1]",
            "true;range|'min':1,'max':5;range|'min':1,'max':5",
            "true;range|'min':1;range|'min':1,'min_inclusive':false",
            "false;range|'min':1,'min_inclusive':false;range|'min':1",
            "false;range|'max':5;range|'min':1",
            "false;range|'min':1,'max':5;range|'min':1,'max':6",
            "true;range|'max':5,'max_inclusive':false;range|'max':4.5",
            "true;range;range|'min':0",
            "true;range|'min':1,'max':5;exact|'value':5",
            "false;range|'min':1,'max':5,'max_inclusive':false;exact|'value':5",
            "false;range|'min':1;exact|'value':'5'",
            "true;one_of|'values':['a','b'];one_of|'values':['b']",
            "false;one_of|'values':['a','b'];one_of|'values':['b','c']",
            "true;one_of|'values':['a','b'];exact|'value':'a'",
            "false;one_of|'values':['a','b'];exact|'value':'c'",
            "true;not_one_of|'excluded':['a'];not_one_of|'excluded':['b','a']",
            "false;not_one_of|'excluded':['a'];not_one_of|'excluded':['b']",
            "false;not_one_of|'excluded':['a'];exact|'value':'b'",
            "true;contains|'required':['a'];contains|'required':['a','b']",
            "false;contains|'required':['a'];contains|'required':[]",
            "true;subset|'allowed':['a','b'];subset|'allowed':[]",
            "false;subset|'allowed':['a'];subset|'allowed':['a','b']",
            "false;subset|'allowed':['a'];contains|'required':['a']",
            "true;path_containment|'root':'a/b';path_containment|'root':'a/b'",
            "true;path_containment|'root':'a/b';path_containment|'root':'a/b/c'",
            "false;path_containment|'root':'a/b';path_containment|'root':'a'",
            "false;path_containment|'root':'a/b';path_containment|'root':'a/bc'",
            "true;path_containment|'root':'a/b';exact|'value':'a/b/c'",
            "false;path_containment|'root':'a/b';exact|'value':'a/b/../c'",
            "false;path_containment|'root':'a';one_of|'values':['a/b']",
            "true;wildcard;range|'min':1",
            "true;wildcard;wildcard",
            "false;any|'constraints':[{'constraint_type':'wildcard'}];wildcard",
            "true;all|'constraints':[{'constraint_type':'range','min':1},{'constraint_type':'range','max':9}];all|'constraints':[{'constraint_type':'exact','value':5}]",
            "false;all|'constraints':[{'constraint_type':'range','min':1},{'constraint_type':'range','max':9}];all|'constraints':[{'constraint_type':'range','min':2}]",
            "false;all|'constraints':[{'constraint_type':'range','min':1}];exact|'value':5",
            "true;any|'constraints':[{'constraint_type':'range','min':1},{'constraint_type':'exact','value':'a'}];any|'constraints':[{'constraint_type':'exact','value':3}]",
            "false;any|'constraints':[{'constraint_type':'exact','value':'a'}];any|'constraints':[{'constraint_type':'exact','value':'a'},{'constraint_type':'exact','value':'b'}]",
            "false;any|'constraints':[{'constraint_type':'exact','value':'a'}];exact|'value':'a'",
            "false;path_containment|'root':'a/b';exact|'value':'a/bc'",
            "false;path_containment|'root':'a/b';exact|'value':7",
            "true;wildcard;exact|'value':'a'",
            "true;wildcard;one_of|'values':['a']",
            "true;wildcard;not_one_of|'excluded':['a']",
            "true;wildcard;contains|'required':['a']",
            "true;wildcard;subset|'allowed':['a']",
            "true;wildcard;all|'constraints':[{'constraint_type':'exact','value':'a'}]",
            "true;wildcard;any|'constraints':[{'constraint_type':'exact','value':'a'}]",
            "true;wildcard;path_containment|'root':'a'");

    /** The pairs of the table but for {@code wildcard}, which subsumes every type and of each all there is. */
    private static final Set<String> PAIRS = Set.of(
            "exact exact",
            "range range",
            "range exact",
            "one_of one_of",
            "one_of exact",
            "not_one_of not_one_of",
            "contains contains",
            "subset subset",
            "all all",
            "any any",
            "path_containment path_containment",
            "path_containment exact");

    static Stream<Arguments> table() {
        return TABLE.stream().map(row -> row.split(";")).map(row -> Arguments.of((Object[]) row));
    }

    @ParameterizedTest
    @MethodSource("table")
    void subsumes_pairOfTheTable_isAsTheTableSays(boolean subsumes, String parent, String child) throws Exception {
        assertThat(constraint(parent).subsumes(constraint(child))).isEqualTo(subsumes);
    }

    @Test
    void table_hasAnAcceptedAndARefusedCaseForEveryPair() {
        for (String expected : List.of("true", "false")) {
            assertThat(TABLE.stream()
                            .map(row -> row.split(";"))
                            .filter(row -> row[0].equals(expected))
                            .map(row -> type(row[1]) + " " + type(row[2])))
                    .containsAll(PAIRS);
        }
        assertThat(TABLE.stream()
                        .map(row -> row.split(";"))
                        .filter(row -> type(row[1]).equals("wildcard")))
                .allMatch(row -> row[0].equals("true"))
                .extracting(row -> type(row[2]))
                .contains(
                        "exact",
                        "range",
                        "one_of",
                        "not_one_of",
                        "contains",
                        "subset",
                        "all",
                        "any",
                        "path_containment",
                        "wildcard");
    }

    private static String type(String constraint) {
        int bar = constraint.indexOf('|');
        return bar < 0 ? constraint : constraint.substring(0, bar);
    }

    @Test
    void subsumes_pairOfTypesOutsideTheTable_isRefused() throws Exception {
        List<String> types = List.of(
                "exact|'value':'a'",
                "range|'min':1",
                "one_of|'values':['a']",
                "not_one_of|'excluded':['a']",
                "contains|'required':['a']",
                "subset|'allowed':['a']",
                "all|'constraints':[{'constraint_type':'exact','value':'a'}]",
                "any|'constraints':[{'constraint_type':'exact','value':'a'}]",
                "path_containment|'root':'a'",
                "wildcard");
        List<Integer> exactUnder = List.of(2, 8); // one_of and path_containment hold the exact "a"
        for (int p = 0; p < types.size() - 1; p++) {
            for (int c = 0; c < types.size(); c++) {
                boolean inTable = p == c || (c == 0 && exactUnder.contains(p));
                assertThat(constraint(types.get(p)).subsumes(constraint(types.get(c))))
                        .as(types.get(p) + " over " + types.get(c))
                        .isEqualTo(inTable);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "true;path_containment|'root':'a/b';'a/b'",
                "true;path_containment|'root':'a/b';'a/b/c'",
                "false;path_containment|'root':'a/b';'a/bc'",
                "true;path_containment|'root':'a/b';'a/b/'",
                "false;path_containment|'root':'a/b';'a/b//'",
                "false;path_containment|'root':'a/b';'a/b//c'",
                "false;path_containment|'root':'a/b';'a/b/./c'",
                "false;path_containment|'root':'a/b';'a/b/..'",
                "false;path_containment|'root':'a/b';7",
                "true;contains|'required':[1];[1.0,2]",
                "false;contains|'required':[1];1",
                "true;subset|'allowed':['a'];[]",
                "false;subset|'allowed':['a'];['a','b']",
                "false;range|'min':1;'2'",
                "true;range|'min':0;-0",
                "true;exact|'value':null;null",
                "true;exact|'value':1e20;100000000000000000000",
                "true;one_of|'values':[{'b':1,'a':2}];{'a':2,'b':1}"
            })
    void check_argument_isAsTheTypeSays(boolean satisfied, String constraint, String argument) throws Exception {
        JsonValue value = TestHolder.object("{\"v\":" + argument.replace('\'', '"') + "}")
                .members()
                .get("v");
        assertThat(constraint(constraint).check(value)).isEqualTo(satisfied);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "exact",
                "exact|'value':[]",
                "exact|'value':1,'optional':true",
                "exact|'value':9007199254740993",
                "exact|'value':1e400",
                "range|'min':'1'",
                "range|'min_inclusive':true",
                "range|'min':1,'min_inclusive':1",
                "range|'min':0.1000000000000000055511151231257827",
                "one_of|'values':[]",
                "one_of|'values':[[9007199254740993]]",
                "one_of",
                "contains|'required':'a'",
                "subset|'allowed':[],'extra':1",
                "wildcard|'a':1",
                "all|'constraints':[]",
                "any|'constraints':[{'constraint_type':'wildcard','optional':true}]",
                "any|'constraints':{}",
                "path_containment|'root':'/a/'",
                "path_containment|'root':'a/'",
                "path_containment|'root':'a/../b'",
                "path_containment|'root':''",
                "path_containment|'root':1",
                "regex|'pattern':'.*'"
            })
    void parse_malformed_isRefused(String text) {
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> constraint(text))
                .isInstanceOf(MalformedConstraintException.class);
    }
}
