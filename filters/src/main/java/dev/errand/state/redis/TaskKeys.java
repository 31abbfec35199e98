package dev.errand.state.redis;

import dev.errand.task.ProofClaim;
import dev.errand.task.TaskKey;
import java.nio.charset.StandardCharsets;

/** The names under which all of one task is kept; the task's own in braces, so that all share a slot of a cluster. */
final class TaskKeys {
    private static final int HASH_CHARACTERS = 22;

    private final String task;
    private final byte[] record;

    TaskKeys(TaskKey key) {
        task = "{" + key.value() + "}";
        record = task.getBytes(StandardCharsets.US_ASCII);
    }

    byte[] record() {
        return record;
    }

    byte[] part(String name) {
        return (task + "p:" + name).getBytes(StandardCharsets.US_ASCII);
    }

    /** What is written only to see it arrive at a replica of the store. */
    byte[] mark() {
        return (task + "w").getBytes(StandardCharsets.US_ASCII);
    }

    /** Of a proof that is used. */
    byte[] used(ProofClaim proof) {
        return proof("j", proof);
    }

    /** Of a proof that is unused and whose denial was counted. */
    byte[] denied(ProofClaim proof) {
        return proof("d", proof);
    }

    private byte[] proof(String kind, ProofClaim proof) {
        String hash =
                proof.hash().length() > HASH_CHARACTERS ? proof.hash().substring(0, HASH_CHARACTERS) : proof.hash();
        return (task + kind + ":" + hash).getBytes(StandardCharsets.UTF_8);
    }
}
