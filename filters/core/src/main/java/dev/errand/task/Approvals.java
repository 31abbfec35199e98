package dev.errand.task;

import dev.errand.task.ApprovalRequest.State;
import dev.errand.token.Human;
import dev.errand.token.TokenId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one task, oldest first, including refused and used ones. Immutable. The size is bounded: at most
 * {@value AskPolicy#MAX_PENDING} are open, {@value #MAX_USED} used and {@value #MAX_REFUSED} refused, and what people
 * are shown has at most {@value #MAX_TOLD} bytes each, so that all requests of a task fit into one part of its record.
 *
 * @param eliciting hashes of the MCP sessions whose client opens pages for its user
 */
public record Approvals(List<ApprovalRequest> requests, Set<Long> eliciting) {
    /** No requests. */
    public static final Approvals NONE = new Approvals(List.of(), Set.of());

    /** The most bytes of what people are shown for one request. */
    public static final int MAX_TOLD = 32 * 1024;

    /** The most used requests that are kept so that they can be given back; one more replaces the oldest. */
    static final int MAX_USED = 16;

    /** The most refused requests. They are kept until the task ends; when there are this many, no more are opened. */
    static final int MAX_REFUSED = 128;

    private static final int MAX_ELICITING = 256;

    public Approvals {
        requests = List.copyOf(requests);
        eliciting = Set.copyOf(eliciting);
    }

    /** The approximate size in memory, in bytes. */
    public long weight() {
        long bytes = 0;
        for (ApprovalRequest request : requests) {
            Offer offer = request.offer();
            long uses = offer == null ? 0 : offer.uses().size();
            bytes += 1_000
                    + request.told().length
                    + uses * (64 + 32L * request.objected().size());
        }
        return bytes;
    }

    /** Whether the client of that MCP session opens pages for its user; false for no session. */
    public boolean elicits(@Nullable Long session) {
        return session != null && eliciting.contains(session);
    }

    /** A copy that notes whether the client of that session opens pages. */
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

    /** The request with that id, or null. */
    public @Nullable ApprovalRequest find(String id) {
        return first(request -> request.id().equals(id));
    }

    /**
     * The open request for exactly this call in this state of the task, in which people were shown all of these
     * objections; or null.
     */
    public @Nullable ApprovalRequest open(String match, List<ShownObjection> objections, long nowMillis) {
        return requests.isEmpty()
                ? null
                : first(request -> isOpen(request, match, nowMillis)
                        && request.offered() == null
                        && ShownObjection.areShown(objections, request.objected()));
    }

    private static boolean isOpen(ApprovalRequest request, String match, long nowMillis) {
        return request.isOpen(nowMillis) && request.match().equals(match);
    }

    /** The request whose approved offer lets one more such call pass; or null. */
    public @Nullable ApprovalRequest offering(Offer.Covered call, long nowMillis) {
        return first(request -> request.offers(call, nowMillis));
    }

    /** A copy without the open requests for exactly this call in this state of the task. */
    public Approvals withoutOpen(String match, long nowMillis) {
        return kept(request -> !isOpen(request, match, nowMillis) || request.offered() != null);
    }

    /** A copy without that request. */
    public Approvals without(ApprovalRequest ended) {
        return kept(request -> !request.id().equals(ended.id()));
    }

    /** How many requests humans refused that had the same operation with the same arguments. */
    public int refused(ApprovalRequest like) {
        return (int) requests.stream()
                .filter(request ->
                        request.state() == State.REFUSED && request.subject().equals(like.subject()))
                .count();
    }

    /** Whether humans refused a request for that operation with those arguments. */
    public boolean isRefused(String subject) {
        return first(request ->
                        request.state() == State.REFUSED && request.subject().equals(subject))
                != null;
    }

    /** The refused request for that call, whatever the task's state was then; or null. */
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

    /** Whether one more request may be opened if {@code pending} may be open at once, beside the approved offers. */
    public boolean admits(int pending, long nowMillis) {
        int open = 0;
        int offered = 0;
        int refused = 0;
        for (ApprovalRequest request : requests) {
            open += request.isOpen(nowMillis) ? 1 : 0;
            offered += request.isOpen(nowMillis) && request.offered() != null ? 1 : 0;
            refused += request.state() == State.REFUSED ? 1 : 0;
        }
        return open - offered < pending && open < AskPolicy.MAX_PENDING && refused + open < MAX_REFUSED;
    }

    /** A copy with one more request. */
    public Approvals with(ApprovalRequest opened) {
        List<ApprovalRequest> next = new ArrayList<>(requests);
        next.add(opened);
        return with(next);
    }

    /**
     * A copy with that human's approval of an open request.
     *
     * @param seen the digest that the human approves: of the request, or of its offer
     */
    public Approvals approved(String id, Human human, int quorum, String seen) {
        return changed(id, request -> request.approvedBy(human, quorum, request.isOfOffer(seen)));
    }

    /** A copy in which that request is refused. */
    public Approvals refused(String id) {
        return changed(id, ApprovalRequest::refused);
    }

    /** A copy in which one more call met that open request at that time. */
    public Approvals met(String id, long nowMillis) {
        return changed(id, request -> request.metAt(nowMillis));
    }

    /** A copy in which that decision has used up that request. */
    public Approvals used(String id, long decision) {
        return changed(id, request -> request.usedBy(decision)).pruned(id);
    }

    /** A copy in which one call has used the approved offer of that request. */
    public Approvals used(String id, Offer.Use use) {
        return changed(id, request -> request.usedBy(use)).pruned(id);
    }

    /** A copy without the oldest used requests, if there are too many; that request stays. */
    private Approvals pruned(String latest) {
        List<ApprovalRequest> next = new ArrayList<>(requests);
        long used =
                next.stream().filter(request -> request.state() == State.USED).count();
        for (int i = 0; used > MAX_USED; i++) {
            if (next.get(i).state() == State.USED && !next.get(i).id().equals(latest)) {
                next.remove(i--);
                used--;
            }
        }
        return with(next);
    }

    /** A copy in which the request that the decision used up is given back. */
    public Approvals givenBack(long decision) {
        ApprovalRequest used = requests.isEmpty() ? null : first(request -> request.isUsedBy(decision));
        return used == null ? this : changed(used.id(), request -> request.unused(decision));
    }

    private Approvals changed(String id, UnaryOperator<ApprovalRequest> change) {
        return with(requests.stream()
                .map(request -> request.id().equals(id) ? change.apply(request) : request)
                .toList());
    }

    /** A copy without the requests whose chain contains that token; refused requests stay. */
    public Approvals withoutToken(TokenId token) {
        return kept(
                request -> request.state() == State.REFUSED || !request.chain().contains(token));
    }

    /**
     * A copy without the requests that have ended in this state of the task; this same object if none has.
     *
     * @param settled the plan's state by the known outcomes; null if it was not read, and then nothing is removed
     * @param tainted whether untrusted content has reached the task
     */
    public Approvals standing(@Nullable String settled, boolean tainted, long nowMillis) {
        if (requests.isEmpty() || settled == null) {
            return this;
        }
        return kept(request -> switch (request.state()) {
            case PENDING, APPROVED -> request.stands(settled, tainted, nowMillis);
            case USED -> nowMillis < request.endsMillis();
            case REFUSED -> true;
        });
    }

    private Approvals kept(Predicate<ApprovalRequest> test) {
        List<ApprovalRequest> left = requests.stream().filter(test).toList();
        return left.size() == requests.size() ? this : with(left);
    }
}
