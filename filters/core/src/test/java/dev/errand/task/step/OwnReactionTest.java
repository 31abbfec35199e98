package dev.errand.task.step;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.sequence.Awaited;
import dev.errand.sequence.SequencePolicy;
import dev.errand.sequence.SequencePolicy.Objection;
import dev.errand.sequence.rule.Counts;
import dev.errand.task.TaskPolicy.Reaction;
import dev.errand.task.TaskPolicy.Reactions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Rules of which each says for itself what a violation leads to. */
class OwnReactionTest {
    private static final Reactions REACTIONS = new Reactions(
            Reaction.DENY,
            Reaction.DENY,
            Reaction.THROTTLE,
            Reaction.DENY,
            null,
            Reaction.DENY,
            Map.of(1, Reaction.INTERRUPT));

    private static Refusal violated(int place) {
        return Refusal.order(
                new Objection(Objection.Kind.RULE, "t.yaml:" + place, "d", List.of(), place, Counts.NONE, List.of()),
                REACTIONS);
    }

    @Test
    void violation_ofARuleThatInterrupts_isNotHiddenByOneThatDenies() {
        Refusal first = new Judgement(
                        List.of(violated(0), violated(1)),
                        List.of(),
                        false,
                        SequencePolicy.ANY_ORDER.start(),
                        Awaited.NOTHING,
                        false)
                .refusal();
        assertThat(first).isNotNull();
        assertThat(first.reaction()).isEqualTo(Reaction.INTERRUPT);
        assertThat(first.denial().rule()).isEqualTo("t.yaml:1");
    }
}
