package dev.errand.token;

import static dev.errand.token.StepException.require;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.Instruction.Integrity;
import dev.errand.token.Instruction.Source;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The claims and details of the task profile (AAT-02 section 6) in any token. A failure names {@code task:<member>}.
 * Pure.
 */
final class TaskProfile {
    /** The most token buckets in one token. */
    static final int MAX_LIMITS = 32;

    /** The most pinned values in one root. */
    static final int MAX_PINNED = 1024;

    private static final Pattern MEMBER = Pattern.compile("[a-z_]{1,32}");
    private static final Pattern DIGEST = Pattern.compile("sha-256:[A-Za-z0-9_-]{43}");
    private static final Set<String> BOUNDS = Set.of("type", "calls", "children", "limits", "sequence", "pinned");
    private static final Set<String> LIMIT = Set.of("capacity", "period");

    private TaskProfile() {}

    static String step(String member) {
        return "task:" + member;
    }

    /** The {@code errand_task} details; {@link TaskBounds#NONE} where there are none. */
    static TaskBounds bounds(Details details) throws StepException {
        if (details.bounds().isEmpty()) {
            return TaskBounds.NONE;
        }
        require(details.bounds().size() == 1, step(TaskBounds.TYPE), "at most one errand_task entry");
        JsonObject entry = details.bounds().get(0);
        for (String name : entry.members().keySet()) {
            String label = MEMBER.matcher(name).matches() ? name : TaskBounds.TYPE;
            require(BOUNDS.contains(name), step(label), "errand_task has an unknown member");
        }
        String sequence = entry.string("sequence");
        require(
                entry.get("sequence") == null || (sequence != null && isDigest(sequence)),
                step("sequence"),
                "sequence must be a sha-256: digest");
        return new TaskBounds(
                count(entry, "calls"),
                count(entry, "children"),
                limits(entry.get("limits")),
                sequence,
                pinned(entry.get("pinned")));
    }

    private static Map<String, Map<String, List<JsonValue>>> pinned(@Nullable JsonValue json) throws StepException {
        if (json == null) {
            return Map.of();
        }
        String step = step("pinned");
        require(json instanceof JsonObject, step, "pinned must be an object");
        Map<String, Map<String, List<JsonValue>>> pinned = new LinkedHashMap<>();
        int values = 0;
        for (var operation : ((JsonObject) json).members().entrySet()) {
            require(operation.getValue() instanceof JsonObject, step, "an operation's pinned arguments are an object");
            Map<String, List<JsonValue>> arguments = new LinkedHashMap<>();
            for (var argument : ((JsonObject) operation.getValue()).members().entrySet()) {
                require(argument.getValue() instanceof JsonArray, step, "a pinned argument's values are an array");
                List<JsonValue> list = ((JsonArray) argument.getValue()).values();
                values += list.size();
                require(
                        values <= MAX_PINNED && list.stream().allMatch(Jcs::isAdmissible),
                        step,
                        "at most " + MAX_PINNED + " pinned values, with numbers that every JSON reader keeps");
                arguments.put(argument.getKey(), list);
            }
            pinned.put(operation.getKey(), arguments);
        }
        return pinned;
    }

    /** Checks that the child's bounds are no wider than the parent's, in every dimension. */
    static void attenuates(TaskBounds parent, TaskBounds child) throws StepException {
        isWithin("calls", parent.calls(), child.calls());
        isWithin("children", parent.children(), child.children());
        for (TaskBounds.Limit wide : parent.limits()) {
            require(
                    child.limits().stream().anyMatch(narrow -> isWithin(wide, narrow)),
                    step("limits"),
                    "for each limit of the parent the child needs one that is no wider");
        }
        require(child.sequence() == null, step("sequence"), "a derived token must not have a sequence");
        require(child.pinned().isEmpty(), step("pinned"), "a derived token must not have pinned values");
    }

    /** {@code instruction}, or null where absent. */
    static @Nullable Instruction instruction(Claims claims) throws StepException {
        if (!claims.has("instruction")) {
            return null;
        }
        String step = step("instruction");
        JsonObject json = claims.json().object("instruction");
        if (json == null) {
            throw new StepException(step, "instruction must be an object");
        }
        for (String name : List.of("ref", "digest")) {
            require(json.get(name) == null || json.string(name) != null, step, name + " must be a string");
        }
        String digest = json.string("digest");
        require(digest == null || isDigest(digest), step, "digest must be a sha-256: digest");
        return new Instruction(
                wire(Source.class, json.string("source"), "source must be human, agent, document or tool"),
                json.string("ref"),
                digest,
                wire(Integrity.class, json.string("integrity"), "integrity must be trusted or untrusted"));
    }

    /**
     * Checks a child's instruction: its integrity must not rise, and one of source {@code human} must repeat the one
     * above it.
     */
    static void descends(List<DelegationToken> ancestors, @Nullable Instruction child) throws StepException {
        if (child == null) {
            return;
        }
        Instruction above = null;
        for (DelegationToken ancestor : ancestors) {
            above = ancestor.instruction() == null ? above : ancestor.instruction();
        }
        boolean trusted = above != null && above.integrity() == Integrity.TRUSTED;
        require(
                child.integrity() == Integrity.UNTRUSTED || trusted,
                step("instruction"),
                "integrity may not rise along a chain");
        boolean copy = above != null
                && above.source() == Source.HUMAN
                && Objects.equals(above.ref(), child.ref())
                && Objects.equals(above.digest(), child.digest());
        require(
                child.source() != Source.HUMAN || copy,
                step("instruction"),
                "a derived instruction of source human must be its parent's");
    }

    /** {@code act.sub}, a SPIFFE ID; null if there is no {@code act}. */
    static @Nullable String actor(Claims claims) throws StepException {
        if (!claims.has("act")) {
            return null;
        }
        JsonObject act = claims.json().object("act");
        String actor = act == null ? null : act.string("sub");
        if (actor == null || SpiffeId.parse(actor).isEmpty()) {
            throw new StepException(step("act"), "act must be an object whose sub is a SPIFFE ID");
        }
        return actor;
    }

    static boolean isDigest(String text) {
        return DIGEST.matcher(text).matches();
    }

    private static <E extends Enum<E>> E wire(Class<E> type, @Nullable String text, String reason)
            throws StepException {
        for (E constant : type.getEnumConstants()) {
            if (constant.name().toLowerCase(Locale.ROOT).equals(text)) {
                return constant;
            }
        }
        throw new StepException(step("instruction"), reason);
    }

    private static @Nullable Long count(JsonObject entry, String name) throws StepException {
        JsonValue value = entry.get(name);
        return value == null ? null : integer(value, 0, name, name);
    }

    private static long integer(@Nullable JsonValue value, long least, String member, String name)
            throws StepException {
        if (value instanceof JsonNumber number && Claims.isInteger(number) && number.asLong() >= least) {
            return number.asLong();
        }
        throw new StepException(step(member), name + " must be an integer from " + least + " to 2^53-1");
    }

    private static List<TaskBounds.Limit> limits(@Nullable JsonValue json) throws StepException {
        if (json == null) {
            return List.of();
        }
        String step = step("limits");
        require(json instanceof JsonArray, step, "limits must be an array");
        List<JsonValue> values = ((JsonArray) json).values();
        require(values.size() <= MAX_LIMITS, step, "at most " + MAX_LIMITS + " limits");
        List<TaskBounds.Limit> limits = new ArrayList<>();
        for (JsonValue value : values) {
            if (!(value instanceof JsonObject limit)
                    || !LIMIT.equals(limit.members().keySet())) {
                throw new StepException(step, "a limit has exactly capacity and period");
            }
            limits.add(new TaskBounds.Limit(
                    integer(limit.get("capacity"), 1, "limits", "capacity"),
                    integer(limit.get("period"), 1, "limits", "period")));
        }
        return limits;
    }

    private static void isWithin(String member, @Nullable Long parent, @Nullable Long child) throws StepException {
        require(
                parent == null || (child != null && child <= parent),
                step(member),
                member + " must be there and no larger than the parent's");
    }

    private static boolean isWithin(TaskBounds.Limit parent, TaskBounds.Limit child) {
        BigInteger childRate =
                BigInteger.valueOf(child.capacity()).multiply(BigInteger.valueOf(parent.periodSeconds()));
        BigInteger parentRate =
                BigInteger.valueOf(parent.capacity()).multiply(BigInteger.valueOf(child.periodSeconds()));
        return child.capacity() <= parent.capacity() && childRate.compareTo(parentRate) <= 0;
    }
}
