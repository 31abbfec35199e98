package dev.errand.decision;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.io.Serial;

/**
 * The head of the upstream's answer.
 *
 * @param fields the fields, without pseudo-header fields
 * @param whole whether no body follows
 */
record AnswerHead(int status, DefaultHttpHeaders fields, boolean whole) {
    /** The other gateway made the answer itself, so nobody knows what the upstream did. */
    static final class OwnAnswerException extends RuntimeException {
        @Serial
        private static final long serialVersionUID = 1L;

        OwnAnswerException(String details) {
            super(details, null, false, false);
        }
    }

    /** The other gateway refused the request's body itself: nothing was sent. */
    static final class TooLargeException extends RuntimeException {
        @Serial
        private static final long serialVersionUID = 1L;

        private final transient AnswerHead head;

        TooLargeException(AnswerHead head) {
            super("the gateway's buffer is too small for the body", null, false, false);
            this.head = head;
        }

        /** The gateway's own answer. */
        AnswerHead head() {
            return head;
        }
    }
}
