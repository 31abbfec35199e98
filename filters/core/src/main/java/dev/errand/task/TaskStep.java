package dev.errand.task;

import dev.errand.denial.DenyReason;
import dev.errand.jose.ProofClaim;
import dev.errand.operation.OperationCall;
import dev.errand.sequence.rule.AnswerValues;
import dev.errand.token.Human;
import dev.errand.token.TokenId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One change to a task's shared state, as data: the state changes in no other way. A step is applied atomically, all or
 * nothing, in one order that all replicas agree on.
 */
public sealed interface TaskStep {
    /** A step with which a verified holder uses a proof up, if the task runs and all tokens of the chain are good. */
    sealed interface Proven extends TaskStep {
        /** The chain's accounts, root first, leaf last. */
        List<TokenAccount> chain();

        /** The proof's single use. */
        ProofClaim proof();

        /**
         * For a root of another anchor, whose task begins at its first call: the end of the task, epoch milliseconds.
         * Otherwise 0.
         */
        long registerUntilMillis();
    }

    /**
     * A task starts. Refused if the key is used already.
     *
     * @param root the root token
     * @param expiresAtMillis when the task ends by itself, epoch milliseconds
     * @param subject the subject token of the start, under which the start is kept; null if it is not kept
     */
    record Start(
            TokenId root, long expiresAtMillis, @Nullable TokenId subject) implements TaskStep {
        /** A start that is not kept. */
        public Start(TokenId root, long expiresAtMillis) {
            this(root, expiresAtMillis, null);
        }
    }

    /**
     * One call asks to pass: the step claims the proof, debits the task, the operations and every token of the chain,
     * and takes the places in plan and rules.
     *
     * @param decision the call's decision id
     * @param chain root first, leaf last
     * @param proof the proof's single use
     * @param calls the pairs of operation and resource; each of them costs one call
     * @param trusted whether the leaf's instruction is trusted
     * @param registerUntilMillis for a root of another anchor, whose task begins at its first call: the end of the
     *     task; 0 for a task that must already exist
     * @param session the MCP session of the call, or null
     * @param asking the question to a human; null if it is not known yet, and then the outcome is
     *     {@link TaskOutcome.Asks}
     * @param values the values that the start of the task fixed
     */
    record Call(
            String decision,
            List<TokenAccount> chain,
            ProofClaim proof,
            List<OperationCall> calls,
            boolean trusted,
            long registerUntilMillis,
            @Nullable SessionId session,
            @Nullable ApprovalQuestion asking,
            StartValues values)
            implements Proven {
        public Call {
            chain = List.copyOf(chain);
            calls = List.copyOf(calls);
        }

        /** The same call with its question to a human. */
        public Call asking(ApprovalQuestion asked) {
            return new Call(decision, chain, proof, calls, trusted, registerUntilMillis, session, asked, values);
        }

        /** The same call of a task whose start fixed these values. */
        public Call of(StartValues start) {
            return start.equals(values)
                    ? this
                    : new Call(decision, chain, proof, calls, trusted, registerUntilMillis, session, asking, start);
        }

        /** A call outside of a session, without a question to a human yet. */
        public Call(
                String decision,
                List<TokenAccount> chain,
                ProofClaim proof,
                List<OperationCall> calls,
                boolean trusted,
                long registerUntilMillis) {
            this(decision, chain, proof, calls, trusted, registerUntilMillis, null, null, StartValues.NONE);
        }
    }

    /**
     * A call of a verified holder was refused before a {@link Call} step. The denial is counted, and nothing is
     * debited.
     *
     * @param reason why it was refused
     * @param calls its pairs of operation and resource; empty if it named none
     * @param asked tells different requests apart that named no operation: 64 bits of a hash of method and path; else 0
     * @param registerUntilMillis as for {@link Call}
     */
    record Refuse(
            String decision,
            List<TokenAccount> chain,
            ProofClaim proof,
            DenyReason reason,
            List<OperationCall> calls,
            long asked,
            long registerUntilMillis)
            implements Proven {
        public Refuse {
            chain = List.copyOf(chain);
            calls = List.copyOf(calls);
        }
    }

    /** The whole request of a permitted call was handed to the connection to its upstream. */
    record Sent(String decision) implements TaskStep {}

    /**
     * A call got no answer, and will get none. If the call changes something, its outcome is unknown from then on.
     *
     * @param sent whether the whole request was handed to the connection
     */
    record Unanswered(String decision, boolean sent) implements TaskStep {}

    /**
     * An operator says what became of a call whose outcome is unknown. The outcome is {@link TaskOutcome.Settlement}.
     *
     * @param happened whether it happened; else it failed
     */
    record Know(String decision, boolean happened) implements TaskStep {}

    /**
     * The upstream answered a call. If an operator has said the opposite of it, nothing changes, and the outcome is
     * {@link TaskOutcome.Settlement} with {@code CONFLICT}.
     *
     * @param happened whether it answered below 400
     * @param returning whether a {@link Return} follows, with values of the answer
     */
    record Settle(String decision, boolean happened, boolean returning) implements TaskStep {
        /** An answer that returns no values. */
        public Settle(String decision, boolean happened) {
            this(decision, happened, false);
        }
    }

    /**
     * The values of a call's answer that rules look at. The outcome is {@link TaskOutcome.Returned}.
     *
     * @param values in the order of the answer
     * @param trusted whether the call's instruction is trusted
     * @param freshKey {@link AnswerValues#KEY_BYTES} random bytes, the key if nothing was returned to the task yet
     */
    record Return(String decision, List<AnswerValues.Named> values, boolean trusted, byte[] freshKey)
            implements TaskStep {
        public Return {
            values = List.copyOf(values);
        }
    }

    /**
     * No byte of a permitted call was sent: gives back, once, its {@code calls} and the counts of rules, but never its
     * tokens from buckets or its proof.
     */
    record GiveBack(String decision, List<TokenAccount> chain, int cost) implements TaskStep {
        public GiveBack {
            chain = List.copyOf(chain);
        }

        /**
         * The answer to the call's step was lost, so whether it was permitted is not known. If it was, this gives back its place,
         * the counts of rules and its approval, but none of its {@code calls}. Otherwise this changes nothing.
         */
        public static GiveBack lost(String decision) {
            return new GiveBack(decision, List.of(), 0);
        }

        /** Whether it is not known whether the call was permitted. */
        public boolean isLost() {
            return cost == 0;
        }
    }

    /**
     * A holder ends a token and all below it; ending the root ends the task ({@link TaskState#COMPLETED}).
     *
     * @param root the root of the token's chain
     * @param depth the token's depth in the chain, 0 for the root
     * @param registerUntilMillis as for {@link Call}: a task of another anchor can be ended before its first call
     */
    record Revoke(TokenId token, TokenId root, int depth, long registerUntilMillis) implements TaskStep {
        /** Ends the root of a task that our own issuer started, or a child of the root. */
        public Revoke(TokenId token) {
            this(token, token, 1, 0);
        }
    }

    /**
     * An answer gave the chain's leaf an MCP session, which belongs to this token from now on unless another token has
     * it already.
     *
     * @param chain root first; each token had a permitted call
     * @param elicits whether the session's client opens pages for its user
     */
    record ReceiveSession(List<TokenId> chain, SessionId session, boolean elicits) implements TaskStep {
        public ReceiveSession {
            chain = List.copyOf(chain);
        }
    }

    /** An MCP session ended. */
    record EndSession(SessionId session) implements TaskStep {}

    /**
     * A human decides on a request. The outcome is {@link TaskOutcome.Decided}; a decision that does not count changes
     * nothing.
     *
     * @param request the request's id
     * @param digest the digest of what the human saw
     */
    record Decide(String request, Human human, boolean approves, String digest) implements TaskStep {}

    /**
     * Asks about a request, and what its call would lead to. Changes nothing, but a request that has ended is forgotten.
     * The outcome is {@link TaskOutcome.Inquired}. Under a policy of another revision than the task's, the call is not
     * judged again.
     *
     * @param grants the ids of the operations to look at
     */
    record Inquire(String request, List<String> grants) implements TaskStep {
        public Inquire {
            grants = List.copyOf(grants);
        }
    }

    /**
     * An operator interrupts the task.
     *
     * @param why the text for the task's holders
     */
    record Interrupt(String why) implements TaskStep {
        /** The text for holders of a task that an operator ended, unless the operator tells the reason. */
        public static final String BY_OPERATOR = "ended by an operator";

        /**
         * An interruption by an operator.
         *
         * @param reason the operator's reason
         * @param tell whether holders may see the reason; otherwise it is private
         */
        public static Interrupt byOperator(String reason, boolean tell) {
            return new Interrupt(tell ? BY_OPERATOR + ": " + reason : BY_OPERATOR);
        }
    }

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
    record View(
            List<TokenAccount> chain,
            @Nullable OperationCall would,
            boolean trusted,
            long registerUntilMillis,
            StartValues values)
            implements TaskStep {
        public View {
            chain = List.copyOf(chain);
        }
    }

    /**
     * Asks for the state. Changes nothing.
     *
     * @param chain tokens that must not have ended either, root first; may be empty
     */
    record Look(List<TokenId> chain) implements TaskStep {
        public Look {
            chain = List.copyOf(chain);
        }

        /** Asks only for the state of the task. */
        public Look() {
            this(List.of());
        }
    }
}
