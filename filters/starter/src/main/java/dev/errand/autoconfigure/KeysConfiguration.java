package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import dev.errand.jose.KeyFileException;
import dev.errand.jose.KeyRing;
import dev.errand.jose.KeyRotation;
import dev.errand.jose.SigningKeys;
import dev.errand.upstream.RequestSigner;
import dev.errand.upstream.TxnTokens;
import java.nio.file.Path;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Our own keys, and what signs with them. */
@Configuration(proxyBeanMethods = false)
@Import(RequestSigner.class)
class KeysConfiguration {
    @Bean
    KeyRotation errandSigningKeys(ErrandProperties properties) {
        KeyRing ring = load(properties);
        KeyChanges.started(ring);
        return new KeyRotation(ring);
    }

    /**
     * Loads the keys. With the embedded store the first start makes them. Replicas of a shared store need keys that fit
     * together.
     */
    static KeyRing load(ErrandProperties properties) {
        Path file = properties.file(properties.keys());
        boolean alone = properties.state().redis().equals(java.util.List.of("embedded"));
        try {
            return alone ? KeyRing.createIfAbsent(file) : KeyRing.load(file);
        } catch (KeyFileException e) {
            throw ConfigurationException.of("errand.keys: " + e.getMessage());
        }
    }

    @Bean
    TxnTokens errandTxnTokens(ErrandProperties properties, SigningKeys keys) {
        return new TxnTokens(properties.issuer(), properties.domain(), keys);
    }
}
