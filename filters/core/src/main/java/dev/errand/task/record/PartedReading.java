package dev.errand.task.record;

import dev.errand.limit.BucketLevel;
import dev.errand.sequence.SequenceState;
import dev.errand.sequence.rule.AnswerValues;
import dev.errand.task.Approvals;
import dev.errand.task.BucketName;
import dev.errand.task.CandidateState;
import dev.errand.task.GivenBack;
import dev.errand.task.Observation;
import dev.errand.task.Parts;
import dev.errand.task.Parts.Slot;
import dev.errand.task.RecordBytes;
import dev.errand.task.Sessions;
import dev.errand.task.Task;
import dev.errand.task.TaskLists;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import dev.errand.task.TokenBytes;
import dev.errand.task.TokenShard;
import dev.errand.task.TokenTable;
import dev.errand.task.UnreadSequence;
import dev.errand.token.TokenId;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link PartedRecord} wrote. A part is taken from the bytes that were fetched with the record, or from the
 * known task if it has the part under the same version. Shards of tokens that no step looks at are not read.
 */
final class PartedReading {
    private static final TaskState[] STATES = TaskState.values();
    private static final Read<CandidateState> NO_CANDIDATE =
            new Read<>(CandidateState.NONE, new Slot(new byte[0], Parts.UNSTORED));

    private final RecordBytes in;
    private final TaskPolicy policy;
    private final Map<String, byte[]> fetched;
    private final @Nullable Task known;
    private final Set<String> lacks = new HashSet<>();

    /** @param known the task as this replica last knew it under the same policy; it may be out of date */
    PartedReading(RecordBytes in, TaskPolicy policy, Map<String, byte[]> fetched, @Nullable Task known) {
        this.in = in;
        this.policy = policy;
        this.fetched = fetched;
        this.known = known;
    }

    /** Reads the record after its format number. */
    Reading read(List<? extends TaskStep> steps) {
        int flags = in.readByte();
        TaskState state = STATES[flags & 3];
        long revision = in.readFixed();
        long epoch = in.readVar();
        long base = in.readVar();
        long time = base + in.readSigned();
        long expiry = base + in.readSigned();
        long calls = in.readVar();
        String why = (flags & 8) != 0 ? in.readText() : null;
        TokenId start = (flags & 16) != 0 ? TokenBytes.readId(in) : null;
        boolean same = known != null && known.baseMillis() == base && known.revision() == revision;
        Known old = same ? new Known(Objects.requireNonNull(known)) : Known.NOTHING;
        Read<Map<BucketName, BucketLevel>> buckets =
                list(PartedRecord.BUCKETS, old.buckets(), list -> ListBytes.buckets(list, base));
        Read<SequenceState> sequence = list(PartedRecord.SEQUENCE, old.sequence(), list -> sequence(list, revision));
        Read<List<GivenBack>> returned =
                list(PartedRecord.RETURNED, old.returned(), list -> ListBytes.returned(list, base));
        Read<Sessions> sessions = list(PartedRecord.SESSIONS, old.sessions(), ListBytes::sessions);
        Read<Observation> observation =
                list(PartedRecord.OBSERVATION, old.observation(), list -> Observation.read(list, base));
        Read<Approvals> approvals =
                list(PartedRecord.APPROVALS, old.approvals(), list -> ApprovalBytes.read(list.readRest()));
        Read<AnswerValues> answers =
                list(PartedRecord.ANSWERS, old.answers(), list -> AnswerValues.read(list.readRest()));
        Read<CandidateState> candidate = candidate(old.candidate(), base);
        TokenTable tokens = tokens(TaskParts.tokens(steps, state != TaskState.ACTIVE), base);
        if (!in.isAtEnd()) {
            throw new IllegalArgumentException("the record of a task is too long");
        }
        if (buckets == null
                || sequence == null
                || returned == null
                || sessions == null
                || observation == null
                || approvals == null
                || answers == null
                || candidate == null
                || !lacks.isEmpty()) {
            return new Reading.Lacks(lacks);
        }
        return new Reading.Whole(new Task(
                state,
                why,
                revision,
                tokens.root(),
                expiry,
                time,
                calls,
                (flags & 4) != 0,
                buckets.value(),
                sequence.value(),
                tokens,
                new TaskLists(
                        returned.value(),
                        sessions.value(),
                        observation.value(),
                        approvals.value(),
                        answers.value(),
                        candidate.value()),
                epoch,
                base,
                start,
                new Parts(
                        buckets.slot(),
                        sequence.slot(),
                        returned.slot(),
                        sessions.slot(),
                        observation.slot(),
                        approvals.slot(),
                        answers.slot(),
                        candidate.slot())));
    }

    /** The known task, completed by the shards that were fetched. */
    Task known(Task task) {
        if (!task.tokens().hasShards()) {
            return task;
        }
        @Nullable TokenShard[] shards = new TokenShard[TokenShard.COUNT];
        for (int number = 0; number < shards.length; number++) {
            TokenShard shard = task.tokens().shard(number);
            shards[number] =
                    shard == null || shard.isRead() ? shard : shard(number, shard.version(), task.baseMillis());
        }
        return task.stored(task.tokens().with(shards), task.parts());
    }

    /** A list and the way it is stored. */
    private record Read<T>(T value, Slot slot) {}

    /** The lists of the known task, if their slots are known too. */
    private record Known(
            @Nullable Read<Map<BucketName, BucketLevel>> buckets,
            @Nullable Read<SequenceState> sequence,
            @Nullable Read<List<GivenBack>> returned,
            @Nullable Read<Sessions> sessions,
            @Nullable Read<Observation> observation,
            @Nullable Read<Approvals> approvals,
            @Nullable Read<AnswerValues> answers,
            @Nullable Read<CandidateState> candidate) {
        static final Known NOTHING = new Known(null, null, null, null, null, null, null, null);

        Known(Task task) {
            this(
                    of(task.buckets(), task.parts().buckets()),
                    of(task.sequence(), task.parts().sequence()),
                    of(task.lists().returned(), task.parts().returned()),
                    of(task.lists().sessions(), task.parts().sessions()),
                    of(task.lists().observation(), task.parts().observation()),
                    of(task.lists().approvals(), task.parts().approvals()),
                    of(task.lists().answers(), task.parts().answers()),
                    of(task.lists().candidate(), task.parts().candidate()));
        }

        private static <T> @Nullable Read<T> of(T value, @Nullable Slot slot) {
            return slot == null ? null : new Read<>(value, slot);
        }
    }

    /** Reads a list; null if it is a part that must be fetched. */
    private <T> @Nullable Read<T> list(String name, @Nullable Read<T> old, Function<RecordBytes, T> decoding) {
        int length = in.readCount();
        if (length > 0) {
            byte[] within = in.readRaw(length - 1);
            boolean unchanged = old != null && Arrays.equals(old.slot().bytes(), within);
            return unchanged
                    ? old
                    : new Read<>(whole(RecordBytes.of(within, 0), decoding), new Slot(within, Parts.UNSTORED));
        }
        long version = in.readFixed();
        RecordBytes part = part(name, version);
        if (part != null) {
            return new Read<>(whole(part, decoding), new Slot(null, version));
        }
        if (old != null && old.slot().version() == version) {
            return old;
        }
        lacks.add(name);
        return null;
    }

    /** Reads the candidate's state. If it was lost, it begins again, since no call should be refused for it. */
    private @Nullable Read<CandidateState> candidate(@Nullable Read<CandidateState> old, long base) {
        Read<CandidateState> read =
                list(PartedRecord.CANDIDATE, old, list -> new CandidateState.Written(list.readRest(), base));
        boolean lost = read == null && Arrays.equals(fetched.get(PartedRecord.CANDIDATE), TaskParts.LOST);
        return lost && lacks.remove(PartedRecord.CANDIDATE) ? NO_CANDIDATE : read;
    }

    private static <T> T whole(RecordBytes list, Function<RecordBytes, T> decoding) {
        T value = decoding.apply(list);
        if (!list.isAtEnd()) {
            throw new IllegalArgumentException("a list in the record of a task is too long");
        }
        return value;
    }

    /** A fetched part after its version; null if it was not fetched, or has another version. */
    private @Nullable RecordBytes part(String name, long version) {
        byte[] bytes = fetched.get(name);
        if (bytes == null || bytes.length < Long.BYTES) {
            return null;
        }
        RecordBytes part = RecordBytes.of(bytes, 0);
        return part.readFixed() == version ? part : null;
    }

    private SequenceState sequence(RecordBytes list, long revision) {
        byte[] written = list.readRest();
        return revision == policy.fingerprint() ? policy.sequence().read(written) : new UnreadSequence(written);
    }

    private TokenTable tokens(Set<TokenId> looksAt, long base) {
        int size = in.readIndex();
        int unused = in.readIndex();
        TokenShard near = ListBytes.shard(in, base);
        if (near.size() == 0) {
            throw new IllegalArgumentException("the record of a task has no root");
        }
        int count = in.readCount();
        if (count == 0) {
            return TokenTable.of(near, null, size, unused);
        }
        @Nullable TokenShard[] shards = new TokenShard[TokenShard.COUNT];
        for (int left = count; left > 0; left--) {
            int number = in.readByte();
            if (number >= TokenShard.COUNT || shards[number] != null) {
                throw new IllegalArgumentException("the record of a task names a shard that there is not");
            }
            shards[number] = shard(number, in.readFixed(), base);
        }
        TokenTable tokens = TokenTable.of(near, shards, size, unused);
        for (TokenId id : looksAt) {
            if (!tokens.tells(id)) {
                lacks.add(PartedRecord.shardName(TokenShard.numberOf(id)));
            }
        }
        return tokens;
    }

    private TokenShard shard(int number, long version, long base) {
        RecordBytes part = part(PartedRecord.shardName(number), version);
        if (part != null) {
            TokenShard shard = ListBytes.shard(part, base).stored(version);
            if (!part.isAtEnd()) {
                throw new IllegalArgumentException("a part of the record of a task is too long");
            }
            return shard;
        }
        TokenShard old = known == null || known.baseMillis() != base
                ? null
                : known.tokens().shard(number);
        return old != null && old.version() == version ? old : TokenShard.unread(version);
    }
}
