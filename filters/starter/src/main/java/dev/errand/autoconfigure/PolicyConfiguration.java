package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import dev.errand.credential.Minting;
import dev.errand.jose.CredentialKeys;
import dev.errand.jose.KeyRotation;
import dev.errand.policy.Candidates;
import dev.errand.policy.GoverningPolicies;
import dev.errand.policy.LivePolicies;
import dev.errand.policy.StoredPolicies;
import dev.errand.sequence.SequenceCompiler;
import dev.errand.state.StartStore;
import dev.errand.template.ConfigurationFiles;
import dev.errand.template.SequencePlans;
import dev.errand.template.TemplateParser;
import dev.errand.token.SignatureVerifier;
import dev.errand.web.RunningRevision;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.cloud.gateway.config.HttpClientProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Catalogues, templates, trust, credentials and routes. At start and at each reload, all of them are loaded or none.
 */
@Configuration(proxyBeanMethods = false)
@Import(RouteCompiler.class)
class PolicyConfiguration {
    private static final Duration LOOK_EVERY = Duration.ofMillis(500);

    /**
     * The first configuration.
     *
     * @param stamp of the files, taken before they were read, so that a later change is noticed
     */
    record First(
            ConfigurationFiles files, String stamp, ConfigurationSource source, ConfigurationCheck.Checked checked) {}

    @Bean
    TemplateParser errandTemplateParser(
            HttpClientProperties client, GatewayProperties gateway, ErrandProperties properties) {
        ConsoleProperties.Login login = properties.console().login();
        Duration unanswered = ConfigurationCheck.unanswered(timeout(client), gateway.getRoutes());
        return new TemplateParser(new SequencePlans(unanswered), login == null ? null : login.clientId());
    }

    private static Duration timeout(HttpClientProperties client) {
        return Optional.ofNullable(client.getResponseTimeout()).orElse(SequenceCompiler.DEFAULT_RESPONSE_TIMEOUT);
    }

    /** Depends on the keys: with the embedded store they are made at the first start. */
    @Bean
    First errandFirstConfiguration(
            ErrandProperties properties,
            GatewayProperties gateway,
            HttpClientProperties client,
            TemplateParser parser,
            ConfigurableEnvironment environment,
            @Qualifier("errandSigningKeys") KeyRotation keys) {
        ConfigurationFiles files = new ConfigurationFiles(properties.directory());
        String stamp = files.stamp(ConfigurationReload.keyFiles(properties));
        ConfigurationSource source = new ConfigurationSource(properties, gateway, parser, timeout(client), environment);
        ConfigurationCheck.Checked checked = source.read();
        if (!checked.result().faults().isEmpty()) {
            throw new ConfigurationException(checked.result().faults());
        }
        return new First(files, stamp, source, checked);
    }

    @Bean(destroyMethod = "close")
    RevisionCompiler errandRevisionCompiler(SignatureVerifier signatures, KeyRotation keys, Minting minting) {
        return new RevisionCompiler(new TrustCompiler(signatures, keys), minting);
    }

    @Bean
    RunningRevision errandRunningRevision(First first, RevisionCompiler compiler) {
        RevisionCompiler.Draft draft = compiler.compile(
                first.checked().errand(),
                Objects.requireNonNull(first.checked().result().policies()),
                first.checked().routes());
        compiler.keep(draft);
        return new RunningRevision(draft.revision());
    }

    @Bean
    LivePolicies errandPolicies(RunningRevision running, MeterRegistry registry) {
        LivePolicies live = new LivePolicies(running.current().policies());
        Gauge.builder("errand.configuration.current", live, l -> l.report().isCurrent() ? 1 : 0)
                .description("1 while the files hold what runs, 0 after a refused reload")
                .register(registry);
        Gauge.builder(
                        "errand.configuration.restart.needed",
                        live,
                        l -> l.report().restartNeeded().size())
                .description("Keys whose values in the files take effect only after a restart")
                .register(registry);
        return live;
    }

    @Bean
    StoredPolicies errandStoredPolicies(
            LivePolicies live, StartStore starts, TemplateParser parser, ErrandProperties properties) {
        boolean observe = properties.mode() == ErrandProperties.Mode.OBSERVE;
        return new StoredPolicies(() -> live.current().templates().values(), starts, parser, observe);
    }

    @Bean
    Candidates errandCandidates(ErrandProperties properties) {
        return new Candidates(properties.mode() == ErrandProperties.Mode.OBSERVE);
    }

    @Bean
    GoverningPolicies errandGoverningPolicies(
            ErrandProperties properties, StoredPolicies revisions, StartStore starts) {
        return new GoverningPolicies(properties.issuer(), revisions, starts);
    }

    @Bean(destroyMethod = "close")
    ConfigurationReload errandConfigurationReload(
            First first,
            RevisionCompiler compiler,
            RouteCompiler routes,
            KeyRotation keys,
            CredentialKeys.Rotation credentialKeys,
            LivePolicies live,
            RunningRevision running,
            MeterRegistry registry) {
        ConfigurationReload reload = new ConfigurationReload(
                new ConfigurationReload.Parts(
                        first.files(), first.source(), compiler, routes, keys, credentialKeys, live, running, registry),
                first.checked(),
                first.stamp());
        reload.start(LOOK_EVERY);
        return reload;
    }
}
