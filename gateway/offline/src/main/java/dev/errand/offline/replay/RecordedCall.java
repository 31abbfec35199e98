package dev.errand.offline.replay;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.log.RecordFields;
import dev.errand.token.Instruction;
import dev.errand.token.Sha256;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One decision from its record, reduced to what is needed to decide it again. Immutable.
 *
 * @param timeMillis when it was recorded, epoch milliseconds of the replica's clock
 * @param holders the chain, root first
 * @param pairs operations and resources; empty for a call that was refused before its operation was known
 * @param argumentsKnown whether {@code args_hash} shows that the record has all arguments of its pairs; else it may lack some
 * @param ownBounds whether a token of the chain had bounds of its own in addition to the template's
 * @param instructed whether an instruction stands in the chain
 * @param trusted whether that instruction is trusted
 * @param reaction what its violation led to, or would have led to; null for none
 * @param over whether the task would have ended before the call if its template had not only observed
 * @param waiting how many calls that waited for an approval the record counts; 0 for a call that did not wait
 */
public record RecordedCall(
        String decision,
        long timeMillis,
        boolean permit,
        @Nullable String code,
        @Nullable String step,
        String task,
        @Nullable String template,
        @Nullable String revision,
        @Nullable String humanIssuer,
        List<Holder> holders,
        List<Pair> pairs,
        boolean argumentsKnown,
        boolean ownBounds,
        boolean instructed,
        boolean trusted,
        @Nullable String stateBefore,
        @Nullable String stateAfter,
        @Nullable String reaction,
        boolean over,
        long waiting) {
    /** The length at which strings of a record are cut: a longer resource is not known. */
    public static final int CUT = 512;

    public RecordedCall {
        holders = List.copyOf(holders);
        pairs = List.copyOf(pairs);
    }

    /**
     * A holder of the chain.
     *
     * @param subject its name, or null for one that its parent did not name
     */
    public record Holder(String key, @Nullable String subject) {
        /** Its name; its key if it has no name. */
        public String name() {
            return subject == null ? "key " + key : subject;
        }
    }

    /**
     * One operation on one resource.
     *
     * @param arguments the arguments, as far as the record has them
     */
    public record Pair(String operation, String resource, JsonObject arguments) {
        /** A pair whose record has only the resource of its arguments. */
        public Pair(String operation, String resource) {
            this(operation, resource, new JsonObject(Map.of("resource", new JsonString(resource))));
        }

        /** Whether the arguments are those of a tool, which has no resource among them. */
        public boolean isTool() {
            return operation.contains(":tools.call/");
        }

        /** The same pair with those of its other arguments that the record has. */
        private Pair with(JsonObject recorded) {
            Map<String, JsonValue> all = new LinkedHashMap<>(isTool() ? Map.of() : arguments.members());
            all.putAll(recorded.members());
            return new Pair(operation, resource, new JsonObject(all));
        }

        /** Whether the record may have cut the resource. */
        public boolean isCut() {
            return resource.length() >= CUT - 1;
        }
    }

    /** The call of a decision's record; empty if the record is of no decision or of no task (its caller was not verified). */
    public static Optional<RecordedCall> of(JsonObject record) {
        String decision = record.string("decision");
        String task = record.string("task");
        String time = record.string("time");
        if (!"decision".equals(record.string("kind")) || decision == null || task == null || time == null) {
            return Optional.empty();
        }
        List<Pair> pairs = pairs(record);
        JsonObject budgets = record.object("budgets");
        JsonObject human = record.object("human");
        JsonObject instruction = record.object("instruction");
        return Optional.of(new RecordedCall(
                decision,
                millis(time),
                RecordFields.isPermit(record),
                record.string("code"),
                record.string("step"),
                task,
                record.string("template"),
                record.string("revision"),
                human == null ? null : human.string("iss"),
                holders(record),
                pairs,
                isWhole(pairs, record.string("args_hash")),
                budgets != null && budgets.members().keySet().stream().anyMatch(name -> name.startsWith("token:")),
                instruction != null,
                instruction != null && Instruction.Integrity.TRUSTED.wire().equals(instruction.string("integrity")),
                record.string("state_before"),
                record.string("state_after"),
                record.string("reaction"),
                RecordFields.isOver(record),
                RecordFields.isWaiting(record) ? RecordFields.count(record) : 0));
    }

    static long millis(String time) {
        try {
            return Instant.parse(time).toEpochMilli();
        } catch (DateTimeException e) {
            throw new UnreadableRecordException("'" + time + "' is no time");
        }
    }

    private static List<Holder> holders(JsonObject record) {
        List<Holder> holders = RecordFields.agents(record).stream()
                .map(agent -> new Holder(String.valueOf(agent.string("jkt")), agent.string("sub")))
                .toList();
        if (holders.isEmpty()) {
            throw new UnreadableRecordException("decision " + record.string("decision") + " has a task and no holder");
        }
        return holders;
    }

    private static List<Pair> pairs(JsonObject record) {
        List<String> operations = RecordFields.operations(record);
        List<String> resources = RecordFields.resources(record);
        if (operations.isEmpty() || !(record.get("resource") instanceof JsonArray)) {
            return List.of();
        }
        if (operations.size() != resources.size()) {
            throw new UnreadableRecordException("decision " + record.string("decision") + " has " + operations.size()
                    + " operations and " + resources.size() + " resources");
        }
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < operations.size(); i++) {
            pairs.add(new Pair(operations.get(i), resources.get(i)).with(recorded(record.get("arguments"), i)));
        }
        return pairs;
    }

    private static JsonObject recorded(@Nullable JsonValue arguments, int pair) {
        JsonValue of =
                arguments instanceof JsonArray each && pair < each.values().size()
                        ? each.values().get(pair)
                        : arguments;
        return of instanceof JsonObject object ? object : JsonObject.EMPTY;
    }

    private static boolean isWhole(List<Pair> pairs, @Nullable String hash) {
        List<JsonValue> each = pairs.stream().<JsonValue>map(Pair::arguments).toList();
        if (each.isEmpty() || hash == null) {
            return false;
        }
        byte[] canonical = Jcs.canonicalBytes(each.size() == 1 ? each.get(0) : new JsonArray(each));
        return hash.equals(Sha256.labelOf(canonical));
    }

    /** The operations, one per pair. */
    public List<String> operations() {
        return pairs.stream().map(Pair::operation).toList();
    }

    /** Whether the refusal ended the task or a token. */
    public boolean interrupts() {
        return !permit && "interrupt".equals(reaction);
    }

    /** The depth of its leaf; 0 for the root itself. */
    public int depth() {
        return holders.size() - 1;
    }

    /** The holder who called. */
    public Holder leaf() {
        return holders.get(holders.size() - 1);
    }

    /** The holder of the root. */
    public Holder root() {
        return holders.get(0);
    }
}
