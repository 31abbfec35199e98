package dev.errand.task.approval;

import dev.errand.delegation.TokenId;
import dev.errand.identity.Human;
import dev.errand.task.approval.ApprovalRequest.State;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one task, oldest first, those included that were refused or used up. Immutable. Its size is bounded: at most
 * {@value AskPolicy#MAX_PENDING} are open, {@value #MAX_USED} used and {@value #MAX_REFUSED} refused; what people are shown has
 * at most {@value #MAX_TOLD} bytes each, so that all of a task fit into one part of its record.
 *
 * @param eliciting hashes of the MCP sessions whose client opens pages for its user
 */
public record Approvals(List<ApprovalRequest> requests, Set<Long> eliciting) {
    /** The task asks nobody. */
    public static final Approvals NONE = new Approvals(List.of(), Set.of());

    /** The most bytes of what people are shown of one request. */
    public static final int MAX_TOLD = 24 * 1024;

    /** The most that are kept to be given back; one more takes the place of the oldest, which then cannot be. */
    static final int MAX_USED = 16;

    /** The most that are refused: they stand until the task ends, so with so many of them nothing more is asked. */
    static final int MAX_REFUSED = 128;

    private static final int MAX_ELICITING = 256;

    public Approvals {
        requests = List.copyOf(requests);
        eliciting = Set.copyOf(eliciting);
    }

    /** About how many bytes of memory they take. */
    public long weight() {
        long bytes = 0;
        for (ApprovalRequest request : requests) {
            bytes += 1_000 + request.told().length;
        }
        return bytes;
    }

    /** Whether the client of that MCP session opens pages for its user; false for no session. */
    public boolean elicits(@Nullable Long session) {
        return session != null && eliciting.contains(session);
    }

    /** With a session whose client opens pages, or does not. */
    public Approvals session(long session, boolean elicits) {
        if (elicits == eliciting.contains(session) || (elicits && eliciting.size() >= MAX_ELICITING)) {
            return this;
        }
        Set<Long> next = new HashSet<>(eliciting);
        if (elicits) {
            next.add(session);
        } else {
            next.remove(session);
        }
        return new Approvals(requests, next);
    }

    private Approvals with(List<ApprovalRequest> next) {
        return new Approvals(next, eliciting);
    }

    /** The request of that id, or null. */
    public @Nullable ApprovalRequest find(String id) {
        return first(request -> request.id().equals(id));
    }

    /** The open request for that very call, or null. */
    public @Nullable ApprovalRequest open(String match, long nowMillis) {
        return requests.isEmpty()
                ? null
                : first(request -> request.isOpen(nowMillis) && request.match().equals(match));
    }

    /** The refusal of that call, in whichever state of the task it was asked; or null. */
    public @Nullable ApprovalRequest refusal(String call) {
        return requests.isEmpty()
                ? null
                : first(request ->
                        request.state() == State.REFUSED && request.call().equals(call));
    }

    private @Nullable ApprovalRequest first(Predicate<ApprovalRequest> test) {
        for (ApprovalRequest request : requests) {
            if (test.test(request)) {
                return request;
            }
        }
        return null;
    }

    /** Whether later calls depend on them: on a request that is open, or on a refusal. */
    public boolean bind(long nowMillis) {
        return requests.stream().anyMatch(request -> request.state() == State.REFUSED || request.isOpen(nowMillis));
    }

    /** Whether one more may be opened where so many may be. */
    public boolean admits(int pending, long nowMillis) {
        int open = 0;
        int refused = 0;
        for (ApprovalRequest request : requests) {
            open += request.isOpen(nowMillis) ? 1 : 0;
            refused += request.state() == State.REFUSED ? 1 : 0;
        }
        return open < Math.min(pending, AskPolicy.MAX_PENDING) && refused + open < MAX_REFUSED;
    }

    /** With one more. */
    public Approvals with(ApprovalRequest opened) {
        List<ApprovalRequest> next = new ArrayList<>(requests);
        next.add(opened);
        return with(next);
    }

    /** With that human's approval of a request that is open. */
    public Approvals approved(String id, Human human, int quorum) {
        return changed(id, request -> request.approvedBy(human, quorum));
    }

    /** With a request refused. */
    public Approvals refused(String id) {
        return changed(id, ApprovalRequest::refused);
    }

    /** With a request used up by that decision. */
    public Approvals used(String id, long decision) {
        List<ApprovalRequest> next = new ArrayList<>(changed(id, request -> request.usedBy(decision)).requests);
        long used =
                next.stream().filter(request -> request.state() == State.USED).count();
        for (int i = 0; used > MAX_USED; i++) {
            if (next.get(i).state() == State.USED) {
                next.remove(i--);
                used--;
            }
        }
        return with(next);
    }

    /** With what that decision used up given back. */
    public Approvals givenBack(long decision) {
        ApprovalRequest used = requests.isEmpty()
                ? null
                : first(request -> request.state() == State.USED && request.usedBy() == decision);
        return used == null ? this : changed(used.id(), ApprovalRequest::unused);
    }

    private Approvals changed(String id, UnaryOperator<ApprovalRequest> change) {
        return with(requests.stream()
                .map(request -> request.id().equals(id) ? change.apply(request) : request)
                .toList());
    }

    /** Without the requests whose chain has that token; refusals stay. */
    public Approvals withoutToken(TokenId token) {
        return kept(
                request -> request.state() == State.REFUSED || !request.chain().contains(token));
    }

    /**
     * Without those that have ended in this state of the task; the very same where none has.
     *
     * @param settled where the plan stands by what is known; null where that is not read
     * @param tainted whether untrusted content has reached the task
     */
    public Approvals standing(@Nullable String settled, boolean tainted, long nowMillis) {
        if (requests.isEmpty() || settled == null) {
            return this;
        }
        return kept(request -> switch (request.state()) {
            case PENDING, APPROVED -> request.stands(settled, tainted, nowMillis);
            case USED -> nowMillis < request.expiresMillis();
            case REFUSED -> true;
        });
    }

    private Approvals kept(Predicate<ApprovalRequest> test) {
        List<ApprovalRequest> left = requests.stream().filter(test).toList();
        return left.size() == requests.size() ? this : with(left);
    }
}
