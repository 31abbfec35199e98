package dev.errand.autoconfigure.credential;

import dev.errand.autoconfigure.ErrandProperties;
import dev.errand.config.ConfigurationException;
import dev.errand.jose.CredentialKeys;
import dev.errand.jose.KeyFileException;
import dev.errand.jose.SigningKeys;
import dev.errand.provenance.ProvenanceLog;
import dev.errand.provenance.log.file.InstanceName;
import dev.errand.state.LeftCredentials;
import dev.errand.state.TaskStore;
import dev.errand.state.redis.RecordTerms;
import dev.errand.state.redis.left.LeftForm;
import dev.errand.state.redis.left.RedisLeftCredentials;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.state.redis.seal.SecretSeal;
import dev.errand.upstream.credential.task.Adoption;
import dev.errand.upstream.credential.task.GivingBack;
import dev.errand.upstream.credential.task.Leaving;
import dev.errand.upstream.credential.task.Minting;
import dev.errand.upstream.credential.task.TaskCredentials;
import dev.errand.upstream.credential.task.TaskTokens;
import dev.errand.upstream.credential.task.TaskWatch;
import dev.errand.web.route.RunningRevision;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The beans for the credentials of tasks: their keys, what is held, and how it is given back. */
@Configuration(proxyBeanMethods = false)
public class TaskCredentialConfiguration {
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
    Leaving errandLeaving(LeftCredentials left, Clock clock) {
        return new Leaving(left, InstanceName.random().value(), clock, System::nanoTime);
    }

    @Bean
    CredentialMetrics errandCredentialMetrics(MeterRegistry registry) {
        return new CredentialMetrics(registry);
    }

    @Bean
    GivingBack errandGivingBack(Leaving leaving, ProvenanceLog log, CredentialMetrics metrics) {
        return new GivingBack(leaving, log, metrics, System::nanoTime);
    }

    @Bean
    TaskCredentials errandTaskCredentials(
            TaskStore store, ProvenanceLog log, Leaving leaving, GivingBack givingBack, MeterRegistry registry) {
        TaskCredentials credentials = new TaskCredentials(store, log, leaving, givingBack, System::nanoTime);
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
            Leaving leaving,
            GivingBack givingBack,
            RunningRevision running,
            Clock clock) {
        return new CredentialLife(
                credentials,
                new TaskWatch(store, credentials, clock, System::nanoTime),
                new Adoption(
                        leaving,
                        givingBack,
                        credentials,
                        () -> running.current().credentials(),
                        System::nanoTime));
    }
}
