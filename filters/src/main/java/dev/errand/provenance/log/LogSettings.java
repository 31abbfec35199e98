package dev.errand.provenance.log;

import dev.errand.provenance.log.file.CheckpointSigner;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * How a log is written.
 *
 * @param durability when an append completes
 * @param originPrefix what the origin begins with, such as {@code gateway.example.org/provenance}; the instance's name
 *     follows behind a slash
 * @param signer asked once per checkpoint, so that a rotated key is used without a restart
 * @param ours asked when a directory is opened: the raw Ed25519 keys (RFC 8032) that its last checkpoint may be signed by
 * @param queueCapacity appends that may wait; one more is refused
 * @param segmentBytes a segment of that size is followed by a new one
 * @param checkpointEvery the longest time a record stays without a checkpoint
 * @param checkpointRecords records after which a checkpoint is made at once
 * @param retry how often a log that cannot be written is opened anew
 * @param completions runs what follows an append; {@code Runnable::run} is the thread that wrote, on which nothing may
 *     block
 * @param clock days of segments
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
        /** Handed to the operating system: survives the process. */
        OS,
        /** On disk: survives the machine; one fsync serves all appends that wait. */
        DISK
    }

    /** The settings that nobody needs to change. */
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
