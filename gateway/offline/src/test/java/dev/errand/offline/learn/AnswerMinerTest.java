package dev.errand.offline.learn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.offline.replay.Recorded;
import dev.errand.offline.replay.Replay;
import dev.errand.template.Policies;
import dev.errand.template.TemplateParser;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which rules over answers good runs show. */
class AnswerMinerTest {
    private static final String RULE = "{when: m:pay, answered: m:read, same: [order], where: {";

    private static JsonObject json(String text) throws Json.MalformedJsonException {
        return (JsonObject) Json.parse(text.replace('\'', '"'));
    }

    private static LearnedTemplate.Learnt learnt(Recorded log) {
        Replay replay = new Replay(new Policies("", Map.of(), Map.of()), false);
        return new LearnedTemplate("t", log.tasks(), null, replay, new TemplateParser(), 1.5, 1)
                .learn()
                .orElseThrow();
    }

    private static List<String> rules(Recorded log) {
        return new AnswerMiner(log.tasks(), "m:pay"::equals, (operation, name) -> name.equals("text"))
                .rules((operation, name) -> !name.equals("undeclared")).stream()
                        .map(mined -> mined.rule() + " # " + mined.evidence())
                        .toList();
    }

    /** Each answer, and the arguments of the payment that follows it, {@code -} for none, as often as the last column says. */
    private static List<String> mined(String lines) throws Json.MalformedJsonException {
        Recorded log = new Recorded("sha-256:x");
        int order = 0;
        for (String line : lines.split(";")) {
            String[] parts = line.strip().split(" ");
            for (int i = 0; i < Integer.parseInt(parts[2]); i++) {
                String task = "t-" + order % 3;
                String same = "{'order':" + order++;
                log.answered(
                        task, "m:read", json(same + "}"), parts[0].equals("-") ? null : json("{" + parts[0] + "}"));
                if (!parts[1].equals("-")) {
                    log.answered(task, "m:pay", json(same + "," + parts[1] + "}"), null);
                }
            }
        }
        return rules(log);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            holds                                 | 's':'open' 'x':1 8; 's':'shut' - 1                               | s: {exact: open}
            seven calls are too few               | 's':'open' 'x':1 7; 's':'shut' - 1                               |
            a counterexample                      | 's':'open' 'x':1 8; 's':'shut' 'x':1 1                           |
            the counterexample comes first        | 's':'shut' 'x':1 1; 's':'open' 'x':1 8; 's':'new' - 1            |
            the same in all answers says nothing  | 's':'open' 'x':1 8; 's':'open' - 4                               |
            two values, each twice                | 's':'yes' 'x':1 4; 's':'no' 'x':1 4; 's':'-' - 1                 | s: {one_of: [no, yes]}
            an answer without recorded values     | 's':'open' 'x':1 8; - 'x':1 1; 's':'shut' - 1                    |
            a number, as it is                    | 's':1.5 'x':1 8; 's':2 - 1                                       | s: {exact: 1.5}
            a boolean                             | 's':true 'x':1 8; 's':false - 1                                  | s: {exact: true}
            a value that equals an argument       | 'c':'a' 'by':'a' 4; 'c':'b' 'by':'b' 4                           | c: {equals: {argument: by}}
            a text that spells the number         | 'c':1 'text':'1' 4; 'c':2 'text':'2' 4                           | c: {equals: {argument: text}}
            one that always equals says no bound  | 'c':1 'x':1 4; 'c':2 'x':2 4                                     | c: {equals: {argument: x}}
            at least the argument                 | 'n':9 'x':1 4; 'n':5 'x':5 3; 'n':7 'x':2 1                      | n: {at-least: {argument: x}}
            at most the argument                  | 'n':1 'x':9 4; 'n':5 'x':5 3; 'n':2 'x':7 1                      | n: {at-most: {argument: x}}
            a bound that no call reaches          | 'n':9 'x':1 4; 'n':8 'x':2 3; 'n':7 'x':3 1                      |
            a bound that one call breaks          | 'n':9 'x':1 7; 'n':5 'x':5 3; 'n':2 'x':3 1                      |
            there, and elsewhere not              | 'n':1 'x':0 1; 'n':2 'x':0 1; 'n':3 'x':0 1; 'n':4 'x':0 1; 'n':5 'x':0 1; 'n':6 'x':0 1; 'n':7 'x':0 1; 'n':8 'x':0 1; 'n':null - 1 | n: {present: true}
            what is one of few is there anyway    | 's':'open' 'x':1 8; 's':null - 1                                 | s: {exact: open}
            absent, and elsewhere there           | 's':null 'x':1 8; 's':'done' - 1                                 | s: {present: false}
            a value without a place now           | 'undeclared':1 'x':1 8; 'undeclared':2 - 1                       |
            """)
    void mined(String why, String log, String condition) throws Exception {
        List<String> found = mined(log);
        if (condition == null) {
            assertThat(found).isEmpty();
        } else {
            assertThat(found).hasSize(1);
            assertThat(found.get(0)).startsWith(RULE + condition + "}} # ").endsWith(" in 3 runs, none otherwise");
        }
    }

    /** The last answer of all said otherwise as often as not; that for the same order never did. */
    @Test
    void answers_areThoseForTheSameOrder() throws Exception {
        Recorded log = new Recorded("sha-256:x");
        for (int i = 1; i <= 8; i++) {
            JsonObject open = json("{'order':" + i + ",'desk':1}");
            JsonObject other = json("{'order':" + -i + ",'desk':1}");
            log.answered("t", "m:read", i % 2 == 0 ? open : other, json(i % 2 == 0 ? "{'s':'open'}" : "{'s':'shut'}"))
                    .answered(
                            "t",
                            "m:read",
                            i % 2 == 1 ? open : other,
                            json(i % 2 == 1 ? "{'s':'open'}" : "{'s':'shut'}"))
                    .answered("t", "m:pay", open, null);
        }
        assertThat(rules(log)).containsExactly(RULE + "s: {exact: open}}} # 8 calls in 1 run, none otherwise");
        log.answered("t", "m:read", json("{'order':1,'desk':1}"), json("{'s':'shut'}"))
                .answered("t", "m:pay", json("{'order':1,'desk':1}"), null);
        assertThat(rules(log)).isEmpty();
    }

    @Test
    void payment_whileTheAnswerIsAwaited_breaksTheRule() throws Exception {
        Recorded log = new Recorded("sha-256:x");
        log.answered("t", "m:read", json("{'order':9}"), json("{'s':'shut'}"));
        for (int i = 0; i < 8; i++) {
            JsonObject order = json("{'order':" + i + "}");
            log.answered("t", "m:read", order, json("{'s':'open'}")).answered("t", "m:pay", order, null);
        }
        assertThat(rules(log)).containsExactly(RULE + "s: {exact: open}}} # 8 calls in 1 run, none otherwise");
        log.asked("t", "m:read", json("{'order':1}")).answered("t", "m:pay", json("{'order':1}"), null);
        assertThat(rules(log)).isEmpty();
    }

    /** A rule over answers needs the answer, so the rule that the answer came before is not written beside it. */
    @Test
    void rule_namesTheRuleThatItImplies() throws Exception {
        Recorded log = new Recorded("sha-256:x");
        log.answered("t", "m:read", json("{'order':9}"), json("{'s':'shut'}"));
        for (int i = 0; i < 8; i++) {
            JsonObject order = json("{'order':" + i + "}");
            log.answered("t", "m:read", order, json("{'s':'open'}")).answered("t", "m:pay", order, null);
        }
        assertThat(new RuleMiner(log.tasks(), "m:pay"::equals).rules().stream().map(RuleMiner.Mined::rule))
                .contains(new AnswerMiner(log.tasks(), "m:pay"::equals, (operation, name) -> false)
                        .rules((operation, name) -> true)
                        .get(0)
                        .implied());
    }

    /** The draft has the rule with its evidence, loads, and refuses none of the runs, whose answers replay knows. */
    @Test
    void draft_hasTheRule_andRefusesNoRun() throws Exception {
        Recorded log = new Recorded("sha-256:x");
        for (int i = 0; i < 40; i++) {
            JsonObject order = json("{'order':" + i % 7 + "}");
            log.answered("t-" + i, "m:read", order, json("{'s':'" + (i % 4 == 3 ? "shut" : "open") + "'}"));
            if (i % 4 != 3) {
                log.answered("t-" + i, "m:pay", order, null);
            }
        }
        LearnedTemplate.Learnt learnt = learnt(log);
        assertThat(learnt.proposal().refused().isEmpty()).isTrue();
        assertThat(learnt.proposal().widened()).isEmpty();
        assertThat(learnt.proposal().text())
                .contains("  - " + RULE
                        + "s: {exact: open}}}  # 30 calls in 30 runs, none otherwise; disturbs 0 of 40 runs held out\n")
                .doesNotContain("{precedence: m:read, before: m:pay, same: [order]}");
        assertThat(learnt.table()).anyMatch(row -> row.startsWith(RULE + "s: {exact: open}}}"));
    }

    /** One run of 41 pays a shut order: the part that lacks it learns the rule, which would have disturbed that run. */
    @Test
    void table_countsTheRunThatARuleWouldHaveDisturbed() throws Exception {
        Recorded log = new Recorded("sha-256:x");
        for (int i = 0; i < 41; i++) {
            JsonObject order = json("{'order':" + i % 7 + "}");
            log.answered("t-" + i, "m:read", order, json("{'s':'" + (i % 4 == 3 ? "shut" : "open") + "'}"));
            if (i % 4 != 3 || i == 39) {
                log.answered("t-" + i, "m:pay", order, null);
            }
        }
        LearnedTemplate.Learnt learnt = learnt(log);
        assertThat(learnt.proposal().text()).doesNotContain("exact: open");
        assertThat(learnt.table()).anyMatch(row -> row.matches(".*exact: open}}} \\(not written\\) +1 .*"));
    }

    /** However many values an answer says, a rule over calls stays, unless a rule that is written implies it. */
    @Test
    void draft_ofAnswersWithManyValues_keepsTheOtherRules() throws Exception {
        Recorded log = new Recorded("sha-256:x");
        String open = IntStream.range(0, 40).mapToObj(i -> "'v" + i + "':1").collect(Collectors.joining(",", "{", "}"));
        log.answered("t", "m:read", json("{'order':99}"), json(open.replace(":1", ":2")));
        for (int i = 0; i < 8; i++) {
            JsonObject order = json("{'order':" + i + "}");
            log.answered("t", "m:read", order, json(open))
                    .answered("t", "m:check", order, null)
                    .answered("t", "m:pay", order, null);
        }
        String text = learnt(log).proposal().text();
        assertThat(text)
                .contains("{when: m:check, answered: m:read, same: [order], where: {v0: {exact: 1}}}")
                .doesNotContain("{precedence: m:read, before: m:check, same: [order]}")
                .contains(
                        "{precedence: m:check, before: m:pay, same: [resource]}",
                        "{precedence: m:read, before: m:pay, same: [resource]}");
        assertThat(text.lines().filter(line -> line.startsWith("  - {when:"))).hasSize(16);
    }

    /** A number that the gateway keeps as a hash is no bound there: the draft loses that rule, and no other one. */
    @Test
    void draft_withoutARuleOverAnswersThatRefusesARun_keepsTheOtherRules() throws Exception {
        Recorded log = new Recorded("sha-256:x");
        for (int i = 1; i <= 8; i++) {
            JsonObject order = json("{'order':" + i + ",'x':" + i + "}");
            log.answered("t", "m:read", json("{'order':" + i + "}"), json("{'n':" + (i == 1 ? "1" : "1e300") + "}"))
                    .answered("t", "m:pay", order, null);
        }
        LearnedTemplate.Learnt learnt = learnt(log);
        assertThat(learnt.proposal().widened()).startsWith("no rules over answers:");
        assertThat(learnt.proposal().text())
                .doesNotContain("at-least")
                .contains("{precedence: m:read, before: m:pay, same: [order]}");
    }
}
