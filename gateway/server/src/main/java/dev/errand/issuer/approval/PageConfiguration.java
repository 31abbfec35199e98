package dev.errand.issuer.approval;

import dev.errand.autoconfigure.ConsoleProperties.Login;
import dev.errand.autoconfigure.ErrandProperties;
import dev.errand.autoconfigure.LoginResource;
import dev.errand.signin.HostCookie;
import dev.errand.signin.Sessions;
import dev.errand.signin.SignIn;
import dev.errand.signin.SignInClient;
import dev.errand.state.SessionStore;
import dev.errand.web.BodyReader;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires the pages on which people approve. They exist if {@code errand.console.login} says where people sign in. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty("errand.console.login.client-id")
class PageConfiguration {
    /** How long people may look without a new sign-in. */
    private static final Duration SESSION = Duration.ofMinutes(30);

    @Bean(destroyMethod = "close")
    SignIn approvalSignIn(ErrandProperties properties, SessionStore store, Clock clock) {
        return new SignIn(client(properties), store, clock);
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
    ApprovalPages approvalPages(
            ApprovalService service,
            Deciders deciders,
            SignIn approvalSignIn,
            SessionStore store,
            ErrandProperties properties,
            BodyReader.Bounds bodies) {
        Sessions sessions = new Sessions(store, "approvals", HostCookie.strict("errand-approvals"), SESSION);
        PageAnswers answers = new PageAnswers(new PageFrame(base(properties)), approvalSignIn);
        PageSignIns signIns = new PageSignIns(approvalSignIn, sessions, deciders, service, answers);
        return new ApprovalPages(
                service,
                signIns,
                sessions,
                answers,
                new BodyReader(bodies),
                properties.approvals().url() == null ? null : authority(properties.issuer()));
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
