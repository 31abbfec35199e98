package dev.errand.token;

import static dev.errand.token.TestChains.CHILD_HOLDER;
import static dev.errand.token.TestChains.LEAF_HOLDER;
import static dev.errand.token.TestChains.TOOLS;
import static dev.errand.token.TestChains.capability;
import static dev.errand.token.TestChains.child;
import static dev.errand.token.TestChains.root;
import static dev.errand.token.TestChains.verify;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TaskProfileTest {
    private static final String DIGEST = "sha-256:" + "A".repeat(43);

    private static String outcome(ChainResult result) {
        return result instanceof ChainResult.Refused rejected ? rejected.step() : "ok";
    }

    private static TestToken bounded(TestToken token, String bounds) {
        return token.with(
                "authorization_details",
                "[" + capability(TOOLS) + ",{\"type\":\"errand_task\"" + bounds.replace('\'', '"') + "}]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "ok;,'calls':5;,'calls':5",
                "task:calls;,'calls':5;,'calls':6",
                "task:calls;,'calls':5;,'children':1",
                "task:children;,'children':2;,'children':3",
                "ok;,'calls':5;,'calls':0,'children':9,'limits':[{'capacity':1,'period':1}]",
                "ok;,'limits':[{'capacity':40,'period':10}];,'limits':[{'capacity':4,'period':1}]",
                "task:limits;,'limits':[{'capacity':40,'period':10}];,'limits':[{'capacity':40,'period':9}]",
                "task:limits;,'limits':[{'capacity':40,'period':10}];,'limits':[{'capacity':41,'period':100}]",
                "task:limits;,'limits':[{'capacity':40,'period':10}];",
                "task:limits;,'limits':[{'capacity':9,'period':9},{'capacity':1,'period':99}];,'limits':[{'capacity':9,'period':9}]",
                "ok;,'limits':[{'capacity':9007199254740991,'period':9007199254740991}];,'limits':[{'capacity':9007199254740990,'period':9007199254740990}]",
                "task:sequence;,'calls':5;,'calls':5,'sequence':'DIGEST'",
                "ok;,'sequence':'DIGEST';",
                "task:sequence;,'sequence':'sha-256:short';",
                "task:calls;,'calls':1.0;",
                "task:calls;,'calls':-1;",
                "task:calls;,'calls':9007199254740992;",
                "task:limits;,'limits':[{'capacity':0,'period':1}];",
                "task:limits;,'limits':[{'capacity':1,'period':1,'burst':1}];",
                "task:limits;,'limits':{};",
                "task:budget;,'budget':1;",
                "task:errand_task;,'X Y':1;"
            })
    void verify_errandTask_attenuatesInEveryDimension(String expected, String parent, String child) {
        TestToken root = bounded(root(), parent.replace("DIGEST", DIGEST));
        String below = child == null ? "" : child.replace("DIGEST", DIGEST);

        assertThat(outcome(verify(root, bounded(child(root, CHILD_HOLDER), below))))
                .isEqualTo(expected);
    }

    @Test
    void verify_twoErrandTasks_areRefused() {
        String entry = "{\"type\":\"errand_task\"}";
        TestToken root =
                root().with("authorization_details", "[" + capability(TOOLS) + "," + entry + "," + entry + "]");

        assertThat(outcome(verify(root))).isEqualTo("task:errand_task");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "ok;{'source':'human','ref':'r','integrity':'trusted'};{'source':'human','ref':'r','integrity':'trusted'}",
                "ok;{'source':'human','ref':'r','integrity':'trusted'};{'source':'human','ref':'r','integrity':'untrusted'}",
                "task:instruction;{'source':'human','ref':'r','integrity':'trusted'};{'source':'human','ref':'s','integrity':'trusted'}",
                "task:instruction;{'source':'agent','integrity':'untrusted'};{'source':'agent','integrity':'trusted'}",
                "task:instruction;{'source':'agent','integrity':'untrusted'};{'source':'human','integrity':'untrusted'}",
                "ok;{'source':'human','integrity':'trusted'};{'source':'tool','integrity':'trusted'}",
                "task:instruction;{'source':'rumour','integrity':'trusted'};null",
                "task:instruction;{'source':'human','integrity':'high'};null",
                "task:instruction;{'source':'human','integrity':'trusted','digest':'sha-256:x'};null",
                "task:instruction;{'source':'human','integrity':'trusted','ref':1};null",
                "task:instruction;7;null"
            })
    void verify_instruction_fallsAndNeverRises(String expected, String above, String below) {
        TestToken root = root().with("instruction", above.replace('\'', '"'));
        TestToken child = child(root, CHILD_HOLDER);
        TestToken changed = below.equals("null") ? child : child.with("instruction", below.replace('\'', '"'));

        assertThat(outcome(verify(root, changed))).isEqualTo(expected);
        if (expected.equals("ok") || !below.equals("null")) {
            // The same one level down, across a token that says nothing.
            TestToken last = child(child, LEAF_HOLDER).with("instruction", below.replace('\'', '"'));
            assertThat(outcome(verify(root, child, last))).isEqualTo(expected);
        }
    }

    @Test
    void verify_trustOutOfNothing_isRefused() {
        TestToken child =
                child(root(), CHILD_HOLDER).with("instruction", "{\"source\":\"agent\",\"integrity\":\"trusted\"}");

        assertThat(outcome(verify(root(), child))).isEqualTo("task:instruction");
    }

    @Test
    void instruction_isTheNearestAtOrAboveTheLeaf() {
        TestToken root = root().with("instruction", "{\"source\":\"human\",\"ref\":\"r\",\"integrity\":\"trusted\"}");
        TestToken silent = child(root, CHILD_HOLDER);
        TestToken own = child(silent, LEAF_HOLDER)
                .with("instruction", "{\"source\":\"agent\",\"ref\":\"s\",\"integrity\":\"untrusted\"}");

        assertThat(instructionRef(verify(root))).isEqualTo("r");
        assertThat(instructionRef(verify(root, silent))).isEqualTo("r");
        assertThat(instructionRef(verify(root, silent, own))).isEqualTo("s");
        assertThat(instructionRef(verify(root, silent, own, child(own, CHILD_HOLDER))))
                .isEqualTo("s");
        assertThat(instructionRef(verify(root()))).isNull();
    }

    private static @Nullable String instructionRef(ChainResult result) {
        Instruction instruction = ((ChainResult.Accepted) result).chain().instruction();
        return instruction == null ? null : instruction.ref();
    }

    @Test
    void bounds_ofWhatWasWritten_areTheSame() throws StepException {
        TaskBounds bounds = new TaskBounds(200L, 8L, List.of(new TaskBounds.Limit(40, 10)), DIGEST);

        assertThat(read(bounds)).isEqualTo(bounds);
        assertThat(read(TaskBounds.NONE)).isEqualTo(TaskBounds.NONE);
    }

    private static TaskBounds read(TaskBounds written) throws StepException {
        return TaskProfile.bounds(new Details(List.of(), List.of(written.toJson())));
    }
}
