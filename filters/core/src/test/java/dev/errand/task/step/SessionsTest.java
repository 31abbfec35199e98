package dev.errand.task.step;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.denial.DenyReason;
import dev.errand.task.SessionId;
import dev.errand.task.Sessions;
import dev.errand.task.StartValues;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.task.TokenAccount;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SessionsTest extends RunningTask {
    private static final TokenAccount BELOW_A = Tasks.token("below-a");
    private static final SessionId SESSION = SessionId.of("tools", "s-1");

    SessionsTest() {
        start();
        for (List<TokenAccount> chain : List.of(List.of(ROOT, A, BELOW_A), List.of(ROOT, B))) {
            step(Tasks.call(chain, "x"));
        }
    }

    private TaskOutcome call(SessionId session, TokenAccount... chain) {
        TaskStep.Call call = Tasks.call(List.of(chain), "x");
        return step(new TaskStep.Call(
                call.decision(),
                call.chain(),
                call.proof(),
                call.calls(),
                call.trusted(),
                0,
                session,
                null,
                StartValues.NONE));
    }

    private TaskOutcome receive(SessionId session, TokenAccount... chain) {
        return step(new TaskStep.ReceiveSession(
                Arrays.stream(chain).map(TokenAccount::id).toList(), session, false));
    }

    private static void notGranted(TaskOutcome outcome) {
        assertThat(outcome).isInstanceOfSatisfying(TaskOutcome.Denied.class, denied -> {
            assertThat(denied.denial().reason()).isEqualTo(DenyReason.NOT_GRANTED);
            assertThat(denied.denial().step()).isEqualTo("operation");
        });
    }

    @Test
    void call_inASession_passesForItsReceiverAboveAndBelow() {
        notGranted(call(SESSION, ROOT, A));
        receive(SESSION, ROOT, A);
        assertThat(call(SESSION, ROOT, A)).isInstanceOf(TaskOutcome.Permitted.class);
        assertThat(call(SESSION, ROOT)).isInstanceOf(TaskOutcome.Permitted.class);
        assertThat(call(SESSION, ROOT, A, BELOW_A)).isInstanceOf(TaskOutcome.Permitted.class);
        notGranted(call(SESSION, ROOT, B));
        notGranted(call(SessionId.of("other", "s-1"), ROOT, A));
    }

    @Test
    void call_inAnothersSession_debitsNothing() {
        long before = task.calls();
        notGranted(call(SESSION, ROOT, A));
        assertThat(task.calls()).isEqualTo(before);
    }

    @Test
    void session_receivedTwice_staysTheFirstReceivers() {
        receive(SESSION, ROOT, A);
        receive(SESSION, ROOT, B);
        notGranted(call(SESSION, ROOT, B));
    }

    @Test
    void session_ended_isNobodys() {
        receive(SESSION, ROOT, A);
        step(new TaskStep.EndSession(SESSION));
        notGranted(call(SESSION, ROOT, A));
    }

    @Test
    void sessions_ofOneToken_areItsLastOnes() {
        receive(SESSION, ROOT, A);
        receive(SessionId.of("tools", "roots"), ROOT);
        for (int i = 0; i < Sessions.MAX_EACH; i++) {
            receive(SessionId.of("tools", "more-" + i), ROOT, A);
        }
        notGranted(call(SESSION, ROOT, A));
        assertThat(call(SessionId.of("tools", "more-0"), ROOT, A)).isInstanceOf(TaskOutcome.Permitted.class);
        assertThat(call(SessionId.of("tools", "roots"), ROOT)).isInstanceOf(TaskOutcome.Permitted.class);
    }

    @Test
    void sessions_ofATask_moreThanItKeepsAreRefused() {
        receive(SESSION, ROOT, A);
        for (int i = 1; i < Sessions.MAX; i++) {
            TokenAccount child = Tasks.token("child-" + i / Sessions.MAX_EACH);
            step(Tasks.call(List.of(ROOT, child), "x"));
            assertThat(receive(SessionId.of("tools", "many-" + i), ROOT, child)).isInstanceOf(TaskOutcome.Done.class);
        }
        assertThat(receive(SessionId.of("tools", "one-more"), ROOT, B)).isInstanceOf(TaskOutcome.Denied.class);
        assertThat(call(SESSION, ROOT, A)).isInstanceOf(TaskOutcome.Permitted.class);
    }
}
