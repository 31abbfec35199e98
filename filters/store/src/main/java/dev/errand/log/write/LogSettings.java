package dev.errand.log.write;

import dev.errand.log.proof.CheckpointSigner;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * How a log is written.
 *
 * @param durability when an append completes
 * @param originPrefix the beginning of the origin, such as {@code gateway.example.org/provenance}; a slash and the
 *     instance's name follow
 * @param signer asked once per checkpoint, so that a rotated key is used without a restart
 * @param ours asked when a directory is opened: the raw Ed25519 keys (RFC 8032) that may have signed its last
 *     checkpoint
 * @param queueCapacity how many appends may wait; one more is refused
 * @param segmentBytes when a segment has this size, a new one begins
 * @param checkpointEvery the longest time that a record stays without a checkpoint
 * @param checkpointRecords after this many records a checkpoint is made at once
 * @param retry how often a log that cannot be written is opened again
 * @param completions runs the subscribers of an append; with {@code Runnable::run} they run on the thread that wrote,
 *     and must not block
 * @param clock tells the day of a segment
 */
public record LogSettings(
        Durability durability,
        String originPrefix,
        Supplier<CheckpointSigner> signer,
        Supplier<List<byte[]>> ours,
        int queueCapacity,
        long segmentBytes,
        Duration checkpointEvery,
        int checkpointRecords,
        Duration retry,
        Executor completions,
        Clock clock) {
    /** When an append completes. */
    public enum Durability {
        /** Handed to the operating system: the record survives the end of the process. */
        OS,
        /** On disk: the record survives a power cut; one fsync serves all appends that wait. */
        DISK
    }

    /** Fills in the settings that nobody needs to change. */
    public static LogSettings of(
            Durability durability,
            String originPrefix,
            Supplier<CheckpointSigner> signer,
            Supplier<List<byte[]>> ours) {
        return new LogSettings(
                durability,
                originPrefix,
                signer,
                ours,
                8192,
                64L << 20,
                Duration.ofSeconds(1),
                4_096,
                Duration.ofMillis(500),
                Runnable::run,
                Clock.systemUTC());
    }
}
