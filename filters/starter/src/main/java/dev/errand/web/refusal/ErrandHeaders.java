package dev.errand.web.refusal;

import dev.errand.denial.Next;
import dev.errand.operation.OperationCall;
import dev.errand.web.Call;
import dev.errand.web.HopHeaders;
import java.util.List;
import org.springframework.http.HttpHeaders;

/**
 * The {@code Errand-*} headers of an answer: the decision's id, the operation, and of a refusal its code, whether the
 * upstream may have got the request, and what the agent should do next. Every form of refusal has them. An upstream's own headers of these names end
 * at the gateway ({@link HopHeaders}).
 */
public final class ErrandHeaders {
    private static final String DECISION = "Errand-Decision";
    private static final String OPERATION = "Errand-Operation";
    private static final String CODE = "Errand-Code";
    private static final String NEXT = "Errand-Next";
    private static final String SENT = "Errand-Sent";
    private static final String APPROVAL = "Errand-Approval";

    /** The longest {@code Errand-Operation}, in characters: clients bound the length of all headers together. */
    private static final int MAX_OPERATIONS = 4096;

    private static final int MAX_OPERATION = 512;

    private ErrandHeaders() {}

    /** Writes what every answer carries, when the call begins. */
    public static void begun(HttpHeaders headers, Call call) {
        headers.set(DECISION, call.decision());
    }

    /** Writes what the answer to a permitted call carries in addition. */
    public static void permitted(HttpHeaders headers, Call call) {
        headers.set(OPERATION, operations(call.operations()));
    }

    /**
     * Writes the headers of a refusal. If the upstream may have got the request, no header says when to repeat it. If the call
     * waits for the outcome of another call, the agent is told to repeat it in a second.
     *
     * @param headers with the refusal's other headers, {@code Retry-After} too
     * @param ended whether this refusal ended the task or the token
     * @return what the agent is told to do
     */
    static Next refused(HttpHeaders headers, Call call, Refusal refusal, int status, boolean ended) {
        begun(headers, call);
        if (!call.operations().isEmpty()) {
            permitted(headers, call);
        }
        boolean unsent = call.progress().endUnsent();
        headers.set(SENT, unsent ? "no" : "maybe");
        if (!unsent) {
            headers.remove(HttpHeaders.RETRY_AFTER);
        } else if (refusal.why().isPending()) {
            headers.set(HttpHeaders.RETRY_AFTER, "1");
        }
        return code(headers, refusal, status, ended, unsent);
    }

    /** Writes what the refusal of a call that waits for a human carries. */
    static void waiting(HttpHeaders headers, RefusalContent.Waiting approval) {
        headers.set(APPROVAL, approval.uri() + "; expires_in=" + approval.expiresInSeconds());
    }

    /** Writes what every refusal carries, also a refusal by an endpoint of the gateway's own. Returns what the agent is told to do. */
    static Next code(HttpHeaders headers, Refusal refusal, int status, boolean ended, boolean unsent) {
        Next next = Next.of(refusal.why(), status, ended, refusal.nonce() != null, unsent);
        headers.set(CODE, refusal.why().reason().code());
        headers.set(NEXT, next.wire());
        return next;
    }

    /** The ids as the record has them, one per pair; as many as fit into the bound. */
    static String operations(List<OperationCall> calls) {
        if (calls.size() == 1) {
            return text(calls.get(0).operation().id());
        }
        StringBuilder out = new StringBuilder();
        for (OperationCall pair : calls) {
            String id = text(pair.operation().id());
            if (out.length() + id.length() + 1 > MAX_OPERATIONS) {
                break;
            }
            out.append(out.isEmpty() ? "" : " ").append(id);
        }
        return out.toString();
    }

    /** An id may hold text of the caller, the name of a tool: characters other than printable ASCII are escaped as in JSON. */
    private static String text(String id) {
        int plain = 0;
        while (plain < id.length() && plain < MAX_OPERATION && isPlain(id.charAt(plain))) {
            plain++;
        }
        if (plain == id.length()) {
            return id;
        }
        StringBuilder out = new StringBuilder(id.length() + 16).append(id, 0, plain);
        for (int i = plain; i < id.length() && i < MAX_OPERATION; i++) {
            char c = id.charAt(i);
            out.append(isPlain(c) ? String.valueOf(c) : String.format("\\u%04x", (int) c));
        }
        return out.toString();
    }

    private static boolean isPlain(char c) {
        return c >= 0x20 && c < 0x7f;
    }
}
