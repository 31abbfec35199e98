package dev.errand.autoconfigure;

import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The witnesses that cosign the log's checkpoints.
 *
 * @param quorum how many must cosign a checkpoint
 * @param interval how often the newest checkpoint is sent to them
 * @param list none: no checkpoint is sent anywhere
 */
record WitnessProperties(
        @DefaultValue("1") int quorum,
        @DefaultValue("10s") Duration interval,
        @DefaultValue List<Witness> list) {

    /**
     * One witness (C2SP tlog-witness).
     *
     * @param url its submission prefix: {@code https}, or {@code http} on this machine
     * @param key a vkey of type 0x04
     */
    public record Witness(String name, String url, String key) {}
}
