package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import dev.errand.delegation.KeyUse;
import dev.errand.jose.SigningKey;
import dev.errand.jose.SigningKeys;
import dev.errand.provenance.log.CheckpointSigner;
import dev.errand.provenance.log.FileProvenanceLog;
import dev.errand.provenance.log.LogSettings;
import dev.errand.provenance.log.UnusableLogException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The provenance log of this replica. */
@Configuration(proxyBeanMethods = false)
class ProvenanceConfiguration {
    @Bean(destroyMethod = "close")
    FileProvenanceLog errandProvenanceLog(ErrandProperties properties, SigningKeys keys) {
        Path directory = properties.file(properties.provenance().directory());
        LogSettings.Durability durability = switch (properties.provenance().durability()) {
            case OS -> LogSettings.Durability.OS;
            case DISK -> LogSettings.Durability.DISK;
        };
        String origin = URI.create(properties.issuer()).getAuthority() + "/provenance";
        try {
            return FileProvenanceLog.open(
                    directory, LogSettings.of(durability, origin, () -> signer(keys), () -> checkpointKeys(keys)));
        } catch (UnusableLogException e) {
            throw ConfigurationException.of("errand.provenance.directory: " + e.getMessage());
        } catch (IOException e) {
            throw ConfigurationException.of("errand.provenance.directory: " + directory + " cannot be written: "
                    + e.getMessage() + ": make it writable, or name another");
        }
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
