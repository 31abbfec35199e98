package dev.errand.task;

import dev.errand.delegation.TokenId;
import dev.errand.denial.DenyReason;
import dev.errand.identity.Human;
import dev.errand.operation.OperationCall;
import dev.errand.sequence.Move;
import dev.errand.sequence.binding.AnswerValues;
import dev.errand.task.approval.Asking;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One change to a task's shared state, as data: the only way that state changes. A step is applied atomically, all or
 * nothing, in one order that all replicas agree on.
 */
public sealed interface TaskStep {
    /** A step by which a verified holder uses up a proof: of a task that runs, under a chain whose tokens are good. */
    sealed interface Proven extends TaskStep {
        /** Root first, leaf last. */
        List<TokenAccount> chain();

        /** The proof's single use. */
        ProofClaim proof();

        /** For a root of another anchor, whose task begins at its first call: when it ends; else 0. */
        long registerUntilMillis();
    }

    /**
     * A task starts. Refused if the key is taken.
     *
     * @param root the root token
     * @param expiresAtMillis when the task ends by itself, epoch milliseconds
     * @param subject the subject token that it is started with, under which its start is kept; null where none is kept
     */
    record Start(
            TokenId root, long expiresAtMillis, @Nullable TokenId subject) implements TaskStep {
        /** A start that is kept nowhere. */
        public Start(TokenId root, long expiresAtMillis) {
            this(root, expiresAtMillis, null);
        }
    }

    /**
     * One call asks to pass: the proof is claimed, the task, the operations and every token of the chain debited, the
     * places in plan and rules taken.
     *
     * @param decision the call's decision id
     * @param chain root first, leaf last
     * @param proof the proof's single use
     * @param calls the pairs; the call costs as many
     * @param trusted whether the leaf's instruction is trusted
     * @param registerUntilMillis for a root of another anchor, whose task begins at its first call: the end of the
     *     task; 0 for a task that must already exist
     * @param session the MCP session of the call, or null
     * @param asking the question to a human; null if it is not known yet, and then the outcome is
     *     {@link TaskOutcome.Asks}
     */
    record Call(
            String decision,
            List<TokenAccount> chain,
            ProofClaim proof,
            List<OperationCall> calls,
            boolean trusted,
            long registerUntilMillis,
            @Nullable SessionId session,
            @Nullable Asking asking)
            implements Proven {
        public Call {
            chain = List.copyOf(chain);
            calls = List.copyOf(calls);
        }

        /** A call that asks nobody yet. */
        public Call(
                String decision,
                List<TokenAccount> chain,
                ProofClaim proof,
                List<OperationCall> calls,
                boolean trusted,
                long registerUntilMillis,
                @Nullable SessionId session) {
            this(decision, chain, proof, calls, trusted, registerUntilMillis, session, null);
        }

        /** The same call with what it asks. */
        public Call asking(Asking asked) {
            return new Call(decision, chain, proof, calls, trusted, registerUntilMillis, session, asked);
        }

        /** A call that is made in no session. */
        public Call(
                String decision,
                List<TokenAccount> chain,
                ProofClaim proof,
                List<OperationCall> calls,
                boolean trusted,
                long registerUntilMillis) {
            this(decision, chain, proof, calls, trusted, registerUntilMillis, null);
        }
    }

    /**
     * A call of a verified holder was refused before a {@link Call} step. The denial is counted, and nothing is
     * debited.
     *
     * @param reason why it was refused
     * @param registerUntilMillis as for {@link Call}
     */
    record Refuse(
            String decision, List<TokenAccount> chain, ProofClaim proof, DenyReason reason, long registerUntilMillis)
            implements Proven {
        public Refuse {
            chain = List.copyOf(chain);
        }
    }

    /**
     * The upstream answered: below 400 ({@code happened}), or otherwise, or never.
     *
     * @param returning whether a {@link Return} follows, with values of the answer
     */
    record Settle(String decision, boolean happened, boolean returning) implements TaskStep {
        /** An answer that returns no values. */
        public Settle(String decision, boolean happened) {
            this(decision, happened, false);
        }
    }

    /**
     * The values of a call's answer, which rules look at, are known. Comes to {@link TaskOutcome.Returned}.
     *
     * @param values in the order of the answer
     * @param freshKey {@link AnswerValues#KEY_BYTES} random bytes, the key of a task to which nothing was returned yet
     */
    record Return(String decision, List<AnswerValues.Named> values, byte[] freshKey) implements TaskStep {
        public Return {
            values = List.copyOf(values);
        }
    }

    /**
     * No byte of a permitted call was sent: {@code calls} and what rules counted come back, once; buckets and proof
     * never.
     */
    record GiveBack(String decision, List<TokenAccount> chain, int cost) implements TaskStep {
        public GiveBack {
            chain = List.copyOf(chain);
        }
    }

    /**
     * A holder ends a token and all below it; the root's ends the task ({@link TaskState#COMPLETED}).
     *
     * @param root the root of its chain
     * @param depth its place in the chain, 0 for the root
     * @param registerUntilMillis as for {@link Call}: a task of another anchor can be ended before its first call
     */
    record Revoke(TokenId token, TokenId root, int depth, long registerUntilMillis) implements TaskStep {
        /** Ends the root, or a child of it, of a task that our own issuer started. */
        public Revoke(TokenId token) {
            this(token, token, 1, 0);
        }
    }

    /**
     * An answer gave the chain's leaf an MCP session: it belongs to that token from now on, unless it is another's
     * already.
     *
     * @param chain root first; each of them had a permitted call
     * @param elicits whether its client opens pages for its user
     */
    record ReceiveSession(List<TokenId> chain, SessionId session, boolean elicits) implements TaskStep {
        public ReceiveSession {
            chain = List.copyOf(chain);
        }

        /** The step for a client that opens no pages. */
        public ReceiveSession(List<TokenId> chain, SessionId session) {
            this(chain, session, false);
        }
    }

    /** An MCP session ended. */
    record EndSession(SessionId session) implements TaskStep {}

    /**
     * A human decides on a request. Comes to {@link TaskOutcome.Decided}; nothing changes where it may not count.
     *
     * @param request its id
     * @param digest what the human saw
     */
    record Decide(String request, Human human, boolean approves, String digest) implements TaskStep {}

    /**
     * Somebody asks what a request is, and what its call would lead to. Nothing changes. Comes to {@link TaskOutcome.Inquired}.
     *
     * @param moves the operations of the call; empty where nothing is asked but the request
     * @param grants ids of operations that are looked at
     */
    record Inquire(String request, List<Move> moves, List<String> grants) implements TaskStep {
        public Inquire {
            moves = List.copyOf(moves);
            grants = List.copyOf(grants);
        }
    }

    /**
     * An operator interrupts the task.
     *
     * @param why what the task's holders are told
     */
    record Interrupt(String why) implements TaskStep {
        /** All that holders are told of a task that an operator ended, unless the operator tells more. */
        public static final String BY_OPERATOR = "ended by an operator";

        /**
         * An interruption by an operator, whose reason is private unless it is to be told.
         *
         * @param reason the operator's
         */
        public static Interrupt byOperator(String reason, boolean tell) {
            return new Interrupt(tell ? BY_OPERATOR + ": " + reason : BY_OPERATOR);
        }
    }

    /**
     * The record is written anew in the format that this replica writes, where that format holds all that later calls need. Nothing
     * else changes. Comes to {@link TaskOutcome.Reformatted}.
     *
     * @param format the one that this replica writes
     */
    record Reformat(int format) implements TaskStep {}

    /**
     * A holder asks for the state of its task, and for the decision that a call would get. Nothing changes, and no
     * proof is used up. The outcome is {@link TaskOutcome.Viewed}; {@link TaskOutcome.Over} if the task is over;
     * {@link TaskOutcome.Denied} if a token of the chain is over.
     *
     * @param chain root first, leaf last
     * @param would the call, or null
     * @param trusted as for {@link Call}
     * @param registerUntilMillis as for {@link Call}: a task of another anchor can be looked at before its first call
     */
    record View(List<TokenAccount> chain, @Nullable OperationCall would, boolean trusted, long registerUntilMillis)
            implements TaskStep {
        public View {
            chain = List.copyOf(chain);
        }
    }

    /**
     * Nothing changes; the answer tells the state.
     *
     * @param chain tokens that must not have ended either, root first; may be empty
     */
    record Look(List<TokenId> chain) implements TaskStep {
        public Look {
            chain = List.copyOf(chain);
        }

        /** Asks for the task alone. */
        public Look() {
            this(List.of());
        }
    }
}
