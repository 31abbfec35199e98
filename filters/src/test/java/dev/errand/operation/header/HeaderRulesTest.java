package dev.errand.operation.header;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.config.Position;
import dev.errand.operation.header.HeaderRule.Fate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderRulesTest {
    private static final Position HERE = new Position("operations/x.yaml", 3, 4);

    @ParameterizedTest
    @CsvSource({
        "Remote-User, REMOVED",
        "REMOTE_USER, REMOVED",
        "X-Remote-Extra-scopes, REMOVED",
        "x_remote_user, REMOVED",
        "X-Forwarded-User, ENDS",
        "X_Forwarded_Access_Token, ENDS",
        "X-WEBAUTH-USER, REMOVED",
        "X-SSL-Cert, REMOVED",
        "SSL_CLIENT_S_DN, REMOVED",
        "ssl-client-verify, REMOVED",
        "X-Auth-Request-User, REMOVED",
        "Cf-Access-Jwt-Assertion, REMOVED",
        "X-Goog-Authenticated-User-Id, REMOVED",
        "X-Goog-Iap-Jwt-Assertion, REMOVED",
        "X-Amzn-Oidc-Identity, REMOVED",
        "X-authentik-groups, REMOVED",
        "X-Pomerium-Claim-Email, REMOVED",
        "Teleport-Jwt-Assertion, REMOVED",
        "Tailscale-User-Name, REMOVED",
        "X-Forwarded-Tls-Client-Cert, ENDS",
        "X-Forwarded-Client-Cert, ENDS",
        "$WSRU, REMOVED",
        "Client-Cert-Chain, ENDS",
        "Signature-Input, ENDS",
        "Host, ENDS",
        "Errand-Decision, ENDS",
        "errand_operation, ENDS",
        "Errands, PASSES",
        "X-Vault-Wrap-TTL, REFUSED",
        "X_Vault_Wrap_TTL, REFUSED",
        "X-Vault-Inline-Auth-Path, REFUSED",
        "Sudo, REFUSED",
        "sudo, REFUSED",
        "Audit-ID, REFUSED",
        "X-Minio-Force-Delete, REFUSED",
        "X-Amz-Meta-Minio-Snowball-Prefix, REFUSED",
        "X-Amz-Meta-Snowball-Auto-Extract, REFUSED",
        "X-HTTP-Method-Override, OVERRIDES",
        "X_Original_URL, OVERRIDES",
        "Impersonate-User, PASSES",
        "X-Remote, PASSES",
        "X-Remotely, PASSES",
        "Remote, PASSES",
        "Sudoers, PASSES",
        "Audit-IDs, PASSES",
        "X-Vault-Request, PASSES",
        "X-Vault-Token, PASSES",
        "X-Amz-Meta-Owner, PASSES",
        "Accept, PASSES",
        "Content-Type, PASSES",
        "'', PASSES",
        "X-\u00e4, PASSES"
    })
    void common_ofAName(String name, Fate fate) {
        assertThat(HeaderRules.COMMON.of(name).fate()).isEqualTo(fate);
        assertThat(HeaderRules.COMMON.of(new StringBuilder(name)).fate()).isEqualTo(fate);
    }

    @Test
    void kubernetes_refusesImpersonation_andAllElseAsEverywhere() {
        assertThat(HeaderRules.KUBERNETES.of("Impersonate-Extra-Scopes").refuses())
                .isTrue();
        assertThat(HeaderRules.KUBERNETES.of("IMPERSONATE_USER").refuses()).isTrue();
        assertThat(HeaderRules.KUBERNETES.of("Impersonate").passes()).isTrue();
        assertThat(HeaderRules.KUBERNETES.of("X-Remote-User").fate()).isEqualTo(Fate.REMOVED);
    }

    @Test
    void with_refuseCountsBeforeRemove_andPassBeforeBoth() {
        HeaderRules rules = HeaderRules.COMMON.with(
                List.of("X-Own-*", "X-Vault-Namespace", "Cookie"),
                List.of("X-Own-Secret-*", "X_Remote_User", "Forwarded"),
                Map.of("X-Own-Secret-Id", HERE, "x-vault-wrap-ttl", HERE));
        assertThat(rules.of("x-own-thing").fate()).isEqualTo(Fate.REMOVED);
        assertThat(rules.of("X-Own-Secret-Key").fate()).isEqualTo(Fate.REFUSED);
        assertThat(rules.of("X_Own_Secret_Id").fate()).isEqualTo(Fate.PASSES);
        assertThat(rules.of("X-Own-Secret-Ids").fate()).isEqualTo(Fate.REFUSED);
        assertThat(rules.of("X-Vault-Wrap-TTL").fate()).isEqualTo(Fate.PASSES);
        assertThat(rules.of("X-Vault-Wrap-Format").fate()).isEqualTo(Fate.REFUSED);
        assertThat(rules.of("X-Vault-Namespace").fate())
                .as("only 'pass' narrows")
                .isEqualTo(Fate.REFUSED);
        assertThat(rules.of("X-Remote-User").fate()).isEqualTo(Fate.REFUSED);
        assertThat(rules.of("Cookie").passes()).isFalse();
        assertThat(rules.of("Forwarded").fate()).isEqualTo(Fate.REFUSED);
        assertThat(rules.passing()).containsOnlyKeys("X-Own-Secret-Id", "x-vault-wrap-ttl");

        assertThat(HeaderRules.COMMON.of("X-Own-Thing").passes())
                .as("the common rules stay as they are")
                .isTrue();
        assertThat(HeaderRules.COMMON.with(List.of(), List.of(), Map.of())).isSameAs(HeaderRules.COMMON);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Authorization",
                "authorization",
                "DPoP",
                "Cookie",
                "X-Forwarded-For",
                "X_Forwarded_User",
                "Client-Cert",
                "Txn-Token",
                "Signature-Input",
                "Connection",
                "Host",
                "HOST",
                "Impersonate-User",
                "Impersonate_Extra_Scopes",
                "X-HTTP-Method-Override",
                "X-Original-Url"
            })
    void mayPass_neverWhatDecidesTheRequest(String name) {
        assertThat(HeaderRules.mayPass(name)).isFalse();
        assertThatThrownBy(() -> HeaderRules.COMMON.with(List.of(), List.of(), Map.of(name, HERE)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"X-Vault-Wrap-TTL", "Sudo", "X-Remote-User", "X-Anything"})
    void mayPass_whatOneApiMayNeed(String name) {
        assertThat(HeaderRules.mayPass(name)).isTrue();
    }

    /** The tree says what a walk through the list says. */
    @Test
    void of_isWhatTheListSays() {
        Random random = new Random(7);
        List<HeaderRule> list = new ArrayList<>();
        HeaderTree tree = new HeaderTree();
        for (int i = 0; i < 400; i++) {
            String pattern = word(random, 1 + random.nextInt(5)) + (random.nextInt(3) == 0 ? "*" : "");
            Fate fate = Fate.values()[1 + random.nextInt(4)];
            list.add(new HeaderRule(fate, pattern));
            tree.addAll(fate, List.of(pattern));
        }
        HeaderTree copy = tree.copy();
        for (int i = 0; i < 20_000; i++) {
            String name = word(random, random.nextInt(8));
            Fate expected = list.stream()
                    .filter(rule -> matches(rule.pattern(), name))
                    .map(HeaderRule::fate)
                    .max(Fate::compareTo)
                    .orElse(Fate.PASSES);
            String sent =
                    random.nextBoolean() ? name : name.toUpperCase(Locale.ROOT).replace('-', '_');
            assertThat(tree.of(sent).fate()).as(sent).isEqualTo(expected);
            assertThat(copy.of(sent).fate()).as(sent).isEqualTo(expected);
        }
    }

    private static boolean matches(String pattern, String name) {
        return pattern.endsWith("*")
                ? name.startsWith(pattern.substring(0, pattern.length() - 1))
                : name.equals(pattern);
    }

    private static String word(Random random, int length) {
        StringBuilder word = new StringBuilder();
        for (int i = 0; i < length; i++) {
            word.append("ab-z0".charAt(random.nextInt(5)));
        }
        return word.toString();
    }
}
