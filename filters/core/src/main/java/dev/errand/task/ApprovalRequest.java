package dev.errand.task;

import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.sequence.Move;
import dev.errand.sequence.SequencePolicy.Objection;
import dev.errand.token.Human;
import dev.errand.token.TokenId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A request for humans to approve one call, kept in the record of its task. Immutable; nobody may change the array.
 *
 * @param id the id by which people find the request
 * @param call hash of the call without the task's state: base64url
 * @param subject hash of the operation and its arguments: base64url
 * @param match hash of the call together with the task's state at the request: base64url
 * @param digest {@code sha-256:} and the digest that is approved: of everything in {@code match}, and of the end of the
 *     request
 * @param at the state of plan, rules and flow, in the form of {@code state_before} in a record
 * @param settled the state of the plan by the known outcomes
 * @param trusted whether the task was still trusted after flow
 * @param objected all objections to the call when it was asked; at least one
 * @param openedMillis when it was opened, by the store's clock
 * @param expiresMillis when it ends by itself
 * @param state its state
 * @param by the humans who approved, in the order of their approvals
 * @param usedBy 64 bits of the hash of the decision that used it up; 0 before
 * @param chain the tokens of the chain, root first
 * @param told JSON of everything else that people are shown
 * @param waits the calls that met the open request
 * @param offer the question for many calls beside it; null if there is none
 */
public record ApprovalRequest(
        String id,
        String call,
        String subject,
        String match,
        String digest,
        String at,
        String settled,
        boolean trusted,
        List<ShownObjection> objected,
        long openedMillis,
        long expiresMillis,
        State state,
        List<Human> by,
        long usedBy,
        List<TokenId> chain,
        byte[] told,
        Waits waits,
        @Nullable Offer offer) {
    /** Marks the state of a task that untrusted content has reached, in records. */
    public static final String UNTRUSTED = " untrusted";

    /** The states of a request. */
    public enum State {
        /** Not enough humans have approved yet. */
        PENDING,
        APPROVED,
        REFUSED,
        /** A call has used it. */
        USED;

        /** The word on the wire. */
        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * The calls that met a request that was open already. Of those in a minute only the first is recorded; its record counts
     * the ones before it.
     *
     * @param recordedMillis when such a call was last recorded; 0 before the first
     * @param uncounted how many such calls came since then
     */
    public record Waits(long recordedMillis, long uncounted) {
        public static final Waits NONE = new Waits(0, 0);

        private static final long RECORDED_EVERY_MILLIS = 60_000;

        /** The same with one more call at that time. */
        Waits next(long nowMillis) {
            return isRecorded(nowMillis) ? new Waits(nowMillis, 0) : new Waits(recordedMillis, uncounted + 1);
        }

        /** How many calls the record of a call at that time counts, itself included; 0 if the call is not recorded. */
        public long counted(long nowMillis) {
            return isRecorded(nowMillis) ? uncounted + 1 : 0;
        }

        private boolean isRecorded(long nowMillis) {
            return recordedMillis == 0 || nowMillis - recordedMillis >= RECORDED_EVERY_MILLIS;
        }
    }

    public ApprovalRequest {
        if (objected.isEmpty()) {
            throw new IllegalArgumentException("a request needs an objection");
        }
        objected = List.copyOf(objected);
        by = List.copyOf(by);
        chain = List.copyOf(chain);
    }

    /** The code of the first objection. */
    public String code() {
        return objected.get(0).code();
    }

    /** The objections, one sentence each. */
    public List<String> why() {
        return objected.stream().map(ShownObjection::sentence).toList();
    }

    /** The operations of the call as plan and rules see them; null if they are not known. */
    public @Nullable List<Move> moves() {
        try {
            return AskedMoves.read(Json.parseObject(told));
        } catch (MalformedJsonException nothingTold) {
            return null;
        }
    }

    /** Whether it still waits at that time: for people, or for the calls that will use it. */
    boolean isOpen(long nowMillis) {
        return (state == State.PENDING || state == State.APPROVED) && nowMillis < endsMillis();
    }

    /** The offer that people have approved; null if there is none, or they have approved the one call or nothing. */
    public @Nullable Offer offered() {
        return offer != null && offer.taken() && (state == State.APPROVED || state == State.USED) ? offer : null;
    }

    /** When it ends by itself, or when the offer ends that people have approved. */
    public long endsMillis() {
        Offer taken = offered();
        return taken == null ? expiresMillis : taken.untilMillis();
    }

    /** {@code sha-256:} and the digest that people have approved so far, or would approve for the one call. */
    public String approvedDigest() {
        return offer != null && offer.taken() ? offer.digest() : digest;
    }

    /** Whether people approve the request, or its offer, with that digest. */
    public boolean hasDigest(String seen) {
        return digest.equals(seen) || isOfOffer(seen);
    }

    /** Whether that is the digest of the offer. */
    boolean isOfOffer(String seen) {
        return offer != null && offer.digest().equals(seen);
    }

    /**
     * Whether one more such call passes by the offer that people have approved: its objections were shown, and what they count grew
     * by calls of the offer only. An objection of the plan was shown for one state of the plan.
     */
    boolean offers(Offer.Covered call, long nowMillis) {
        Offer taken = offered();
        return taken != null
                && state == State.APPROVED
                && nowMillis < taken.untilMillis()
                && trusted == call.trusted()
                && taken.match().equals(call.match())
                && ShownObjection.areShown(call.objections(), taken.grown(objected))
                && (settled.equals(call.settled())
                        || call.objections().stream().noneMatch(each -> each.place() == Objection.OF_PLAN));
    }

    /**
     * Whether it may still be decided or used: it has not expired, and the task is in the state that people saw. An offer that
     * people have approved does not end with the state of the plan.
     *
     * @param tainted whether untrusted content has reached the task
     */
    public boolean stands(String settledNow, boolean tainted, long nowMillis) {
        return nowMillis < endsMillis()
                && (offered() != null || settled.equals(settledNow))
                && at.endsWith(UNTRUSTED) == tainted;
    }

    /**
     * A copy with one more human's approval; the state is {@code APPROVED} once {@code quorum} humans have approved.
     *
     * @param whole whether the human approves the offer
     */
    ApprovalRequest approvedBy(Human human, int quorum, boolean whole) {
        List<Human> all = new ArrayList<>(by);
        all.add(human);
        ApprovalRequest next = with(all.size() >= quorum ? State.APPROVED : State.PENDING, all, 0, objected, told);
        return offer == null ? next : next.with(offer.approved(whole, by.isEmpty()));
    }

    /**
     * A refused copy. No approval counts any more. Of the shown data, it keeps the first objection, and the fields that
     * decide who may see it.
     */
    ApprovalRequest refused() {
        return with(State.REFUSED, by, 0, objected.subList(0, 1), briefly()).with((Offer) null);
    }

    private byte[] briefly() {
        Map<String, JsonValue> brief = new LinkedHashMap<>();
        try {
            JsonObject all = Json.parseObject(told);
            JsonObject members = all.object("members");
            for (String name : List.of("template", "human")) {
                brief.put(name, Objects.requireNonNullElse(all.get(name), JsonNull.NULL));
            }
            if (members != null) {
                brief.put(
                        "members",
                        new JsonObject(Map.of(
                                "task", Objects.requireNonNullElse(members.get("task"), JsonNull.NULL),
                                "revision", Objects.requireNonNullElse(members.get("revision"), JsonNull.NULL))));
            }
        } catch (MalformedJsonException nothingTold) {
            return new byte[0];
        }
        return Jcs.canonicalBytes(new JsonObject(brief));
    }

    /** A copy that one more call met at that time, while it was open. */
    ApprovalRequest metAt(long nowMillis) {
        return with(state, by, usedBy, objected, told, waits.next(nowMillis), offer);
    }

    /** A copy that is used up by that decision. */
    ApprovalRequest usedBy(long decision) {
        return with(State.USED, by, decision, objected, told);
    }

    /** A copy that one call used by its offer. */
    ApprovalRequest usedBy(Offer.Use use) {
        Offer next = Objects.requireNonNull(offer).used(use);
        return with(next.isUsedUp() ? State.USED : state, by, usedBy, objected, told)
                .with(next);
    }

    boolean isUsedBy(long decision) {
        Offer taken = offered();
        return taken == null ? state == State.USED && usedBy == decision : taken.isUsedBy(decision);
    }

    /** A copy that can be used again, since the call with that decision was not sent. */
    ApprovalRequest unused(long decision) {
        return with(State.APPROVED, by, 0, objected, told).with(offer == null ? null : offer.unused(decision));
    }

    private ApprovalRequest with(@Nullable Offer next) {
        return with(state, by, usedBy, objected, told, waits, next);
    }

    private ApprovalRequest with(
            State next, List<Human> people, long decision, List<ShownObjection> objections, byte[] shown) {
        return with(next, people, decision, objections, shown, waits, offer);
    }

    private ApprovalRequest with(
            State next,
            List<Human> people,
            long decision,
            List<ShownObjection> objections,
            byte[] shown,
            Waits met,
            @Nullable Offer many) {
        return new ApprovalRequest(
                id,
                call,
                subject,
                match,
                digest,
                at,
                settled,
                trusted,
                objections,
                openedMillis,
                expiresMillis,
                next,
                people,
                decision,
                chain,
                shown,
                met,
                many);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ApprovalRequest that
                && id.equals(that.id)
                && state == that.state
                && by.equals(that.by)
                && usedBy == that.usedBy
                && told.length == that.told.length
                && waits.equals(that.waits)
                && Objects.equals(offer, that.offer);
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }
}
