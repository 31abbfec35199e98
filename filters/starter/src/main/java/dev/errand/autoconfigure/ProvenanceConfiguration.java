package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import dev.errand.config.Fault;
import dev.errand.jose.KeyFileException;
import dev.errand.jose.KeyRing;
import dev.errand.jose.SigningKey;
import dev.errand.jose.SigningKeys;
import dev.errand.log.proof.CheckpointSigner;
import dev.errand.log.proof.UnusableLogException;
import dev.errand.log.write.FileProvenanceLog;
import dev.errand.log.write.LogSettings;
import dev.errand.log.write.LogUpkeep;
import dev.errand.log.write.WitnessSizes;
import dev.errand.sink.Witnesses;
import dev.errand.token.KeyUse;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The provenance log of this replica, with its index, compression and retention. */
@Configuration(proxyBeanMethods = false)
public class ProvenanceConfiguration {
    private static final Logger LOG = LoggerFactory.getLogger(ProvenanceConfiguration.class);

    @Bean(destroyMethod = "close")
    FileProvenanceLog errandProvenanceLog(ErrandProperties properties, SigningKeys keys) {
        ConfiguredLog log = ConfiguredLog.of(properties, keys);
        try {
            return FileProvenanceLog.open(log.directory(), log.settings());
        } catch (UnusableLogException e) {
            throw ConfigurationException.of("errand.provenance.directory: " + e.getMessage());
        } catch (IOException e) {
            throw ConfigurationException.of("errand.provenance.directory: " + log.directory() + " cannot be written: "
                    + e.getMessage() + ": make it writable, or name another");
        }
    }

    @Bean(destroyMethod = "close")
    LogUpkeep errandProvenanceUpkeep(ErrandProperties properties, SigningKeys keys, FileProvenanceLog log) {
        ConfiguredLog configured = ConfiguredLog.of(properties, keys);
        String archive = properties.provenance().archive();
        LogUpkeep upkeep = LogUpkeep.start(
                configured.directory(),
                log,
                configured.settings(),
                properties.provenance().retain(),
                archive == null ? null : properties.file(archive),
                properties.provenance().compress() ? properties.provenance().compressAfter() : null);
        if (properties.provenance().retain() == null && !DevTrust.isDev(properties)) {
            LOG.warn(
                    "errand.provenance.retain is not set: the log grows until its disk is full, and then every call is"
                            + " refused; {} has {} bytes free: write retain, such as 90d",
                    configured.directory(),
                    upkeep.disk().freeBytes());
        }
        return upkeep;
    }

    /** The witnesses of the log; empty if the configuration names none. */
    @Bean
    LogWitnesses errandLogWitnesses(ErrandProperties properties, FileProvenanceLog log, MeterRegistry registry)
            throws IOException {
        WitnessProperties configured = properties.provenance().witnesses();
        Path directory = properties.file(properties.provenance().directory());
        if (configured.list().isEmpty()) {
            new WitnessSizes(directory).write(Map.of());
            return new LogWitnesses(Optional.empty());
        }
        List<Witnesses.Witness> list =
                configured.list().stream().map(SinkFactory::witness).toList();
        list.forEach(one -> List.of(Witnesses.Outcome.values())
                .forEach(outcome -> requests(registry, one.name(), outcome).increment(0)));
        Witnesses witnesses = Witnesses.start(
                directory,
                list,
                configured.quorum(),
                configured.interval(),
                (name, outcome) -> requests(registry, name, outcome).increment());
        Gauge.builder("errand.log.witnessed", witnesses, one -> one.status().isLate() ? 0 : 1)
                .description("1 while enough witnesses cosign the log, 0 if they did not for three intervals")
                .register(registry);
        return new LogWitnesses(Optional.of(witnesses));
    }

    private static Counter requests(MeterRegistry registry, String witness, Witnesses.Outcome outcome) {
        return Counter.builder("errand.witness.requests")
                .description("Checkpoints sent to a witness, by what became of them")
                .tag("witness", witness)
                .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
                .register(registry);
    }

    /** The witnesses, if there are any. */
    record LogWitnesses(Optional<Witnesses> witnesses) implements AutoCloseable {
        @Override
        public void close() {
            witnesses.ifPresent(Witnesses::close);
        }
    }

    /**
     * The provenance log that a configuration names, and how it is written. Immutable.
     *
     * @param directory the directory of the log
     * @param settings with the keys of use {@code log}
     */
    public record ConfiguredLog(Path directory, LogSettings settings) {
        /**
         * Reads the log's settings from a configuration directory, for commands. Throws a
         * {@link ConfigurationException} with all faults.
         */
        public static ConfiguredLog of(Path configuration) {
            ConfigurationCheck.Checked checked = ConfigurationCheck.read(configuration, Map.of());
            if (!checked.result().faults().isEmpty()) {
                throw ConfigurationException.of(
                        checked.result().faults().stream().map(Fault::toString).collect(Collectors.joining("; ")));
            }
            try {
                return of(
                        checked.errand(),
                        KeyRing.load(checked.errand().file(checked.errand().keys())));
            } catch (KeyFileException e) {
                throw ConfigurationException.of("errand.keys: " + e.getMessage());
            }
        }

        /** The log of a configuration that was read already, with the keys in use. */
        static ConfiguredLog of(ErrandProperties properties, SigningKeys keys) {
            LogSettings.Durability durability = switch (properties.provenance().durability()) {
                case OS -> LogSettings.Durability.OS;
                case DISK -> LogSettings.Durability.DISK;
            };
            String origin = URI.create(properties.issuer()).getAuthority() + "/provenance";
            return new ConfiguredLog(
                    properties.file(properties.provenance().directory()),
                    LogSettings.of(durability, origin, () -> signer(keys), () -> checkpointKeys(keys)));
        }

        private static List<byte[]> checkpointKeys(SigningKeys keys) {
            return keys.verificationKeys(KeyUse.LOG).stream()
                    .filter(key -> "Ed25519".equals(key.jwk().string("crv")))
                    .map(key -> CheckpointSigner.raw(key.key()))
                    .toList();
        }

        private static CheckpointSigner signer(SigningKeys keys) {
            SigningKey key = keys.checkpointKey();
            return CheckpointSigner.of(key.publicKey().key(), key::sign);
        }
    }
}
