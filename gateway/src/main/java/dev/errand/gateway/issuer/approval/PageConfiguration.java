package dev.errand.gateway.issuer.approval;

import dev.errand.autoconfigure.ErrandProperties;
import dev.errand.autoconfigure.operator.ConsoleProperties.Login;
import dev.errand.gateway.issuer.IssuerSettings;
import dev.errand.gateway.issuer.approval.page.PageFrame;
import dev.errand.gateway.signin.HostCookie;
import dev.errand.gateway.signin.Sessions;
import dev.errand.gateway.signin.SignIn;
import dev.errand.gateway.signin.SignInClient;
import dev.errand.state.SessionStore;
import dev.errand.web.body.BodyReader;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The pages on which people approve, wired: there are some where {@code errand.console.login} says where people sign in. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty("errand.console.login.client-id")
class PageConfiguration {
    /** How long people may look without a new sign-in. */
    private static final Duration SESSION = Duration.ofMinutes(30);

    @Bean(destroyMethod = "close")
    SignIn approvalSignIn(ErrandProperties properties, IssuerSettings settings, SessionStore store, Clock clock) {
        Login login = Objects.requireNonNull(properties.console().login());
        String secret = login.secretFile();
        SignInClient client = new SignInClient(
                login.issuer(),
                login.clientId(),
                secret == null ? null : properties.file(secret),
                login.scope(),
                resource(login, properties),
                base(properties, settings) + ApprovalPages.CALLBACK,
                HostCookie.lax("errand-approvals-sign-in"));
        return new SignIn(client, store, clock);
    }

    @Bean
    ApprovalPages approvalPages(
            ApprovalService service,
            Deciders deciders,
            SignIn approvalSignIn,
            SessionStore store,
            ErrandProperties properties,
            IssuerSettings settings,
            BodyReader.Bounds bodies) {
        Sessions sessions = new Sessions(store, "approvals", HostCookie.strict("errand-approvals"), SESSION);
        PageAnswers answers = new PageAnswers(new PageFrame(base(properties, settings)), approvalSignIn);
        PageSignIns signIns = new PageSignIns(approvalSignIn, sessions, deciders, service, answers);
        return new ApprovalPages(
                service,
                signIns,
                sessions,
                answers,
                new BodyReader(bodies),
                properties.approvals().url() == null ? null : authority(settings.issuer()));
    }

    private static @Nullable String resource(Login login, ErrandProperties properties) {
        String resource = login.resource();
        if (Login.NONE.equals(resource)) {
            return null;
        }
        return resource == null ? properties.approvalsAudience() : resource;
    }

    /** The address under which the pages are. */
    private static String base(ErrandProperties properties, IssuerSettings settings) {
        String url = properties.approvals().url();
        return url == null ? settings.issuer() : url;
    }

    private static String authority(String address) {
        return URI.create(address).getRawAuthority().toLowerCase(Locale.ROOT);
    }
}
