package dev.errand.log.read;

import dev.errand.json.Jcs;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.log.proof.Checkpoint;
import dev.errand.log.proof.CheckpointFile;
import dev.errand.log.proof.InclusionProof;
import dev.errand.log.proof.TileStore;
import dev.errand.log.proof.TreeHasher;
import dev.errand.log.proof.UnusableLogException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;

/** Makes the proof of one decision, which anyone can check without the log. */
public final class Prover {
    private Prover() {}

    /**
     * Proves that a record is in the log of a checkpoint.
     *
     * @param record the exact line
     * @param checkpoint the signed note with the root that the proof leads to
     * @param isWitnessed whether the note is one that enough witnesses cosigned
     */
    public record Proof(String record, InclusionProof inclusion, String checkpoint, boolean isWitnessed) {
        /** The documented form: {@code {record, index, size, path[], checkpoint}}. */
        public JsonObject toJson() {
            JsonMembers members = new JsonMembers();
            members.put("record", record);
            members.put("index", inclusion.index());
            members.put("size", inclusion.size());
            members.put(
                    "path",
                    new JsonArray(inclusion.path().stream()
                            .map(hash -> (JsonValue)
                                    new JsonString(Base64.getEncoder().encodeToString(hash)))
                            .toList()));
            members.put("checkpoint", checkpoint);
            return members.toJson();
        }

        /** {@link #toJson} as text, with the members in that order. */
        public String toText() {
            StringJoiner text = new StringJoiner(",", "{", "}");
            toJson().members().forEach((name, value) -> text.add("\"" + name + "\":" + Jcs.canonical(value)));
            return text.toString();
        }
    }

    /**
     * Proves a decision by the first checkpoint that covers it: one that witnesses cosigned, if the log has such checkpoints. If
     * none covers it in time, the log's own checkpoint takes its place.
     *
     * @param wait how long to wait, blocking, until a checkpoint covers the decision
     * @throws UnusableLogException if the log does not have the decision, no checkpoint covers it yet, or the log's own
     *     tiles do not prove it; the message says which
     */
    public static Proof prove(Path directory, String decision, Duration wait) throws IOException {
        return prove(directory, decision, new LogReader(directory).decision(decision), wait);
    }

    /**
     * Proves a decision whose records were looked up before.
     *
     * @param entries the entries that {@link LogReader#decision} found
     */
    public static Proof prove(Path directory, String decision, List<LogReader.Entry> entries, Duration wait)
            throws IOException {
        LogReader.Entry entry = entries.stream()
                .filter(found -> "decision".equals(found.json().string("kind")))
                .findFirst()
                .orElseThrow(() -> new UnusableLogException(directory + ": no decision " + decision + " in this log"));
        CheckpointFile file = covering(directory, entry.index(), wait);
        Checkpoint checkpoint = file.checkpoint();
        InclusionProof proof;
        try {
            proof = InclusionProof.of(
                    entry.index(), checkpoint.size(), new TileStore(directory).subtrees(checkpoint.size()));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        byte[] leaf = new TreeHasher().leaf(entry.line().getBytes(StandardCharsets.UTF_8));
        if (!proof.verify(leaf, checkpoint.rootHash())) {
            throw new UnusableLogException(directory + ": record " + entry.index()
                    + " does not lead to the checkpoint's root: the log was changed; see verify-log");
        }
        boolean witnessed = file.note().signatures().size() > 1;
        return new Proof(entry.line(), proof, new String(file.bytes(), StandardCharsets.UTF_8), witnessed);
    }

    private static CheckpointFile covering(Path directory, long index, Duration wait) throws IOException {
        long until = System.nanoTime() + wait.toNanos();
        while (true) {
            boolean last = System.nanoTime() - until >= 0;
            Optional<CheckpointFile> witnessed = CheckpointFile.readIfPresent(directory, CheckpointFile.WITNESSED);
            if (witnessed.isPresent() && index < witnessed.get().checkpoint().size()) {
                return witnessed.get();
            }
            CheckpointFile file = CheckpointFile.read(directory.resolve(CheckpointFile.NAME));
            if (index < file.checkpoint().size() && (witnessed.isEmpty() || last)) {
                return file;
            }
            if (last) {
                throw new UnusableLogException(directory + ": record " + index
                        + " is not covered yet: the checkpoint has "
                        + file.checkpoint().size() + " records; it comes within a second while the gateway runs,"
                        + " else at its next start");
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
    }
}
