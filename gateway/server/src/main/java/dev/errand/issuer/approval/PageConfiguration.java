package dev.errand.issuer.approval;

import dev.errand.autoconfigure.ConsoleProperties.Login;
import dev.errand.autoconfigure.DevTrust;
import dev.errand.autoconfigure.ErrandProperties;
import dev.errand.autoconfigure.LoginResource;
import dev.errand.autoconfigure.PortAddress;
import dev.errand.issuer.AskedTasks;
import dev.errand.issuer.IssuerSettings;
import dev.errand.issuer.StandingEnds;
import dev.errand.policy.LivePolicies;
import dev.errand.signin.DevSignIn;
import dev.errand.signin.HostCookie;
import dev.errand.signin.Sessions;
import dev.errand.signin.SignIn;
import dev.errand.signin.SignInClient;
import dev.errand.state.SessionStore;
import dev.errand.state.StartRequestStore;
import dev.errand.state.StartStore;
import dev.errand.state.redis.IndexReader;
import dev.errand.web.BodyReader;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;

/** Wires the pages on which people approve. They exist if {@code errand.console.login} says where people sign in. */
@Configuration(proxyBeanMethods = false)
@Import(ApprovalPages.class)
@ConditionalOnProperty("errand.console.login.client-id")
class PageConfiguration {
    /** How long people may look without a new sign-in. */
    private static final Duration SESSION = Duration.ofMinutes(30);

    /** The provider of a first run; null if people sign in elsewhere. */
    @Bean
    @Nullable DevSignIn devSignIn(ErrandProperties properties, LivePolicies live, Environment environment, Clock clock) {
        String operator = environment.getProperty("management.server.address");
        if (!DevTrust.signsIn(properties, environment.getProperty("server.address"), operator)) {
            return null;
        }
        return new DevSignIn(
                client(properties),
                properties.approvalsAudience(),
                properties.directory(),
                () -> live.current().templates().values(),
                () -> PortAddress.operator(environment),
                clock);
    }

    @Bean(destroyMethod = "close")
    SignIn approvalSignIn(ErrandProperties properties, ObjectProvider<DevSignIn> dev, SessionStore store, Clock clock) {
        DevSignIn provider = dev.getIfAvailable();
        return provider == null
                ? new SignIn(client(properties), store, clock)
                : new SignIn(client(properties), provider, store, clock);
    }

    /** The client at which people sign in. */
    static SignInClient client(ErrandProperties properties) {
        Login login = Objects.requireNonNull(properties.console().login());
        String secret = login.secretFile();
        return new SignInClient(
                login.issuer(),
                login.clientId(),
                secret == null ? null : properties.file(secret),
                login.scope(),
                LoginResource.of(login.resource(), properties.approvalsAudience()),
                base(properties) + ApprovalPages.CALLBACK,
                HostCookie.lax("errand-approvals-sign-in"));
    }

    @Bean
    PageVisits pageVisits(
            ApprovalService service,
            Deciders deciders,
            AskedTasks asked,
            StartStore starts,
            IssuerSettings settings,
            SignIn approvalSignIn,
            ObjectProvider<DevSignIn> dev,
            SessionStore store,
            ErrandProperties properties,
            BodyReader.Bounds bodies,
            Clock clock) {
        DevSignIn people = dev.getIfAvailable();
        Sessions sessions = new Sessions(store, "approvals", HostCookie.strict("errand-approvals"), SESSION);
        PageAnswers answers = new PageAnswers(new PageFrame(base(properties), people != null), approvalSignIn);
        StartDecisions allowing = new StartDecisions(asked, starts, settings, clock);
        PageSignIns signIns = new PageSignIns(approvalSignIn, sessions, deciders, service, allowing, answers, people);
        return new PageVisits(
                signIns,
                new BodyReader(bodies),
                properties.approvals().url() == null ? null : authority(properties.issuer()));
    }

    @Bean
    StartPages startPages(
            AskedTasks asked,
            StartRequestStore store,
            LivePolicies live,
            IndexReader index,
            PageVisits visits,
            Clock clock) {
        return new StartPages(
                asked, new WrongCodes(store, clock), new StartSentences(live::current, index::page, clock), visits);
    }

    @Bean
    ErrandsPages errandsPages(StandingEnds ends, IndexReader index, PageVisits visits, Clock clock) {
        return new ErrandsPages(ends, index::page, index::task, visits, clock);
    }

    /** The address under which the pages are. */
    private static String base(ErrandProperties properties) {
        String url = properties.approvals().url();
        return url == null ? properties.issuer() : url;
    }

    private static String authority(String address) {
        return URI.create(address).getRawAuthority().toLowerCase(Locale.ROOT);
    }
}
