package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import dev.errand.credential.GivingBack;
import dev.errand.credential.Minting;
import dev.errand.credential.OrphanedCredentials;
import dev.errand.credential.StoredCredentials;
import dev.errand.credential.TaskCredentials;
import dev.errand.credential.TaskTokens;
import dev.errand.credential.TaskWatch;
import dev.errand.jose.CredentialKeys;
import dev.errand.jose.KeyFileException;
import dev.errand.jose.SigningKeys;
import dev.errand.log.proof.InstanceName;
import dev.errand.log.write.ProvenanceLog;
import dev.errand.state.LeftCredentials;
import dev.errand.state.TaskStore;
import dev.errand.state.redis.LeftForm;
import dev.errand.state.redis.RecordTerms;
import dev.errand.state.redis.RedisLeftCredentials;
import dev.errand.state.redis.SecretSeal;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.web.RunningRevision;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The beans for the credentials of tasks: their keys, what is held, and how it is given back. */
@Configuration(proxyBeanMethods = false)
@Import(CredentialMetrics.class)
class TaskCredentialConfiguration {
    @Bean
    CredentialKeys.Rotation errandCredentialKeys(ErrandProperties properties) {
        try {
            return new CredentialKeys.Rotation(CredentialFaults.keys(properties));
        } catch (KeyFileException e) {
            throw ConfigurationException.of("errand.credential-keys: " + e.getMessage());
        }
    }

    @Bean
    LeftCredentials errandLeftCredentials(
            RedisLink link, ErrandProperties properties, RecordTerms terms, SigningKeys keys) {
        LeftForm form = new LeftForm(terms.seal(), new SecretSeal(keys::stateKeys));
        return new RedisLeftCredentials(link, properties.state().timeout(), form);
    }

    /**
     * Uses a name of this process alone. After a restart any replica may give back what the process before has left.
     */
    @Bean
    StoredCredentials errandLeaving(LeftCredentials left, Clock clock) {
        return new StoredCredentials(left, InstanceName.random().value(), clock, System::nanoTime);
    }

    @Bean
    GivingBack errandGivingBack(StoredCredentials stored, ProvenanceLog log, CredentialMetrics metrics) {
        return new GivingBack(stored, log, metrics, System::nanoTime);
    }

    @Bean
    TaskCredentials errandTaskCredentials(
            TaskStore store,
            ProvenanceLog log,
            StoredCredentials stored,
            GivingBack givingBack,
            MeterRegistry registry) {
        TaskCredentials credentials = new TaskCredentials(store, log, stored, givingBack, System::nanoTime);
        CredentialMetrics.gauges(credentials, givingBack, registry);
        return credentials;
    }

    @Bean
    Minting errandMinting(
            ErrandProperties properties, CredentialKeys.Rotation keys, TaskCredentials credentials, Clock clock) {
        return new Minting(new TaskTokens(properties.credentialsIssuer(), keys::signingKey, clock), credentials);
    }

    @Bean
    CredentialLife errandCredentialLife(
            TaskStore store,
            TaskCredentials credentials,
            StoredCredentials stored,
            GivingBack givingBack,
            RunningRevision running,
            Clock clock) {
        return new CredentialLife(
                credentials,
                new TaskWatch(store, credentials, clock, System::nanoTime),
                new OrphanedCredentials(
                        stored, givingBack, credentials, () -> running.current().credentials(), System::nanoTime));
    }
}
