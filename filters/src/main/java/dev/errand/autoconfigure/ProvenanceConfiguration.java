package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import dev.errand.jose.SigningKeys;
import dev.errand.provenance.log.FileProvenanceLog;
import dev.errand.provenance.log.LogUpkeep;
import dev.errand.provenance.log.UnusableLogException;
import java.io.IOException;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The provenance log of this replica, with its index and retention. */
@Configuration(proxyBeanMethods = false)
class ProvenanceConfiguration {
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
        return LogUpkeep.start(
                configured.directory(),
                log,
                configured.settings(),
                properties.provenance().retain());
    }
}
