package dev.errand.gateway.issuer;

import dev.errand.delegation.chain.ChainVerifier;
import dev.errand.gateway.issuer.metadata.IssuerMetadata;
import dev.errand.gateway.issuer.metadata.ProblemPages;
import dev.errand.gateway.issuer.start.StartService;
import dev.errand.gateway.issuer.start.TaskStarter;
import dev.errand.gateway.issuer.token.IntrospectService;
import dev.errand.gateway.issuer.token.PresentedChain;
import dev.errand.gateway.issuer.token.RevokeService;
import dev.errand.jose.SigningKeys;
import dev.errand.jose.human.HumanIssuers;
import dev.errand.jose.proof.DpopNonces;
import dev.errand.jose.proof.DpopVerifier;
import dev.errand.jose.spiffe.SvidVerifier;
import dev.errand.policy.GoverningPolicies;
import dev.errand.state.StartStore;
import dev.errand.state.TaskStore;
import java.security.SecureRandom;
import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/** Puts the issuer together from the parts that verify, sign and keep state. */
@Configuration(proxyBeanMethods = false)
public class IssuerConfiguration {
    @Bean
    VerifiedIdentities issuerIdentities(HumanIssuers humans, SvidVerifier svids, Clock clock) {
        return new VerifiedIdentities(humans, svids, clock);
    }

    @Bean
    ClientAuthentication issuerClients(VerifiedIdentities identities, IssuerSettings settings) {
        return new ClientAuthentication(identities, settings);
    }

    @Bean
    ProofCheck issuerProofs(
            DpopVerifier verifier,
            ObjectProvider<DpopNonces> nonces,
            StartStore starts,
            IssuerSettings settings,
            Clock clock) {
        return new ProofCheck(verifier, nonces.getIfAvailable(), starts, settings, clock);
    }

    @Bean
    StartService startService(
            ClientAuthentication clients,
            ProofCheck proofs,
            VerifiedIdentities identities,
            StartStore starts,
            TaskStore tasks,
            SigningKeys keys,
            IssuerSettings settings,
            RunningTemplates templates,
            Clock clock) {
        return new StartService(
                clients,
                new ClientRate(settings),
                proofs,
                identities,
                starts,
                templates::find,
                new TaskStarter(starts, tasks, keys, settings, templates.observe(), new SecureRandom(), clock),
                settings);
    }

    @Bean
    RouterFunction<ServerResponse> issuerRouter(
            IssuerSettings settings,
            StartService service,
            ClientAuthentication clients,
            ProofCheck proofs,
            ChainVerifier chains,
            GoverningPolicies policies,
            TaskStore tasks,
            StartStore starts,
            SigningKeys keys,
            RunningRoutes routes,
            Clock clock) {
        PresentedChain presented = new PresentedChain(chains, clock);
        return new IssuerRoutes(
                        settings,
                        service,
                        new RevokeService(proofs, presented, policies, tasks, starts),
                        new IntrospectService(clients, proofs, presented, policies, tasks),
                        new IssuerMetadata(settings, routes::ids),
                        new ProblemPages(),
                        keys)
                .router();
    }
}
