package dev.errand.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.config.Position;
import dev.errand.operation.HeaderRule.Fate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
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
        "Errands, UNLISTED",
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
        "Impersonate-User, UNLISTED",
        "X-Remote, UNLISTED",
        "X-Remotely, UNLISTED",
        "Remote, UNLISTED",
        "Sudoers, UNLISTED",
        "Audit-IDs, UNLISTED",
        "X-Vault-Request, UNLISTED",
        "X-Vault-Token, UNLISTED",
        "X-Amz-Meta-Owner, UNLISTED",
        "Git-Protocol, UNLISTED",
        "'', UNLISTED",
        "X-\u00e4, UNLISTED",
        "Accept, PASSES",
        "ACCEPT, PASSES",
        "Accept-Language, PASSES",
        "Accepted, UNLISTED",
        "Accept_Language, UNLISTED",
        "Content-Type, PASSES",
        "Content-Disposition, PASSES",
        "Content_Type, UNLISTED",
        "Content-Digest, ENDS",
        "Content_Digest, ENDS",
        "Content, UNLISTED",
        "If-None-Match, PASSES",
        "Range, PASSES",
        "Ranges, UNLISTED",
        "Cache-Control, PASSES",
        "Pragma, PASSES",
        "User-Agent, PASSES",
        "Prefer, PASSES",
        "Idempotency-Key, PASSES",
        "X-Request-Id, PASSES",
        "traceparent, ENDS",
        "tracestate, PASSES",
        "baggage, PASSES",
        "Last-Event-ID, PASSES",
        "Mcp-Session-Id, PASSES",
        "Mcp_Session_Id, UNLISTED",
        "Sec-WebSocket-Protocol, ENDS",
        "amz-sdk-request, HARMLESS",
        "Kubectl-Command, HARMLESS",
        "X-Stainless-Lang, HARMLESS",
        "b3, HARMLESS",
        "X-B3-TraceId, HARMLESS",
        "Date, HARMLESS",
        "Origin, HARMLESS",
        "Referer, HARMLESS",
        "Sec-Fetch-Mode, HARMLESS",
        "Via, HARMLESS",
        "DNT, HARMLESS"
    })
    void common_ofAName(String name, Fate fate) {
        assertThat(HeaderRules.COMMON.of(name).fate()).isEqualTo(fate);
        assertThat(HeaderRules.COMMON.of(new StringBuilder(name)).fate()).isEqualTo(fate);
    }

    /** The headers by which servers take a call for another's: none is on a list, so none passes by itself. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "As-User",
                "Stripe-Account",
                "Stripe-Context",
                "X-Redmine-Switch-User",
                "X-Trino-User",
                "X-Presto-User",
                "X-Ms-Copy-Source",
                "X-Tenant-Id",
                "Private-Token",
                "Impersonate-User",
                "X-Gitlab-Token",
                "X-Api-Key",
                "Api-Key",
                "X-Goog-User-Project",
                "X-Ms-Rename-Source",
                "OpenAI-Organization",
                "X-Atlassian-Token",
                "X-Hub-Signature",
                "Destination",
                "X-Jenkins-Run-As",
                "X-On-Behalf-Of",
                "X-User-Override",
                "X-Org-Id",
                "X-Grafana-Org-Id",
                "Nats-Expected-Stream",
                "kbn-xsrf",
                "X-Csrf-Token"
            })
    void headersOfOneServer_areOnNoList(String name) {
        for (HeaderProtocol protocol : HeaderProtocol.values()) {
            for (String spelled : List.of(name, name.toUpperCase(Locale.ROOT), name.replace('-', '_'))) {
                assertThat(HeaderRules.of(protocol).of(spelled).passes())
                        .as(protocol + " " + spelled)
                        .isFalse();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "KUBERNETES, X-Stream-Protocol-Version",
        "S3, X-Amz-Meta-Owner",
        "S3, Expires",
        "OCI, Docker-Distribution-Api-Version",
        "VAULT, X-Vault-Request",
        "VAULT, X-Vault-Index",
        "GIT, Git-Protocol"
    })
    void protocol_passesItsOwnHeaders_andNoOtherProtocolDoes(HeaderProtocol own, String name) {
        for (HeaderProtocol protocol : HeaderProtocol.values()) {
            assertThat(HeaderRules.of(protocol).of(name).passes())
                    .as(protocol.wire())
                    .isEqualTo(protocol == own);
        }
    }

    @Test
    void kubernetes_refusesImpersonation_andAllElseAsEverywhere() {
        HeaderRules kubernetes = HeaderRules.of(HeaderProtocol.KUBERNETES);
        assertThat(kubernetes.of("Impersonate-Extra-Scopes").refuses()).isTrue();
        assertThat(kubernetes.of("IMPERSONATE_USER").refuses()).isTrue();
        assertThat(kubernetes.of("Impersonate").fate()).isEqualTo(Fate.UNLISTED);
        assertThat(kubernetes.of("X-Remote-User").fate()).isEqualTo(Fate.REMOVED);
    }

    @Test
    void with_aWholeNameUnderPassCountsFirst_andAPrefixLast() {
        HeaderRules rules = HeaderRules.COMMON.with(
                List.of("X-Own-Secret-*", "X_Remote_User", "Forwarded", "Prefer"),
                Map.of(
                        "X-Own-*",
                        HERE,
                        "X-Own-Secret-Id",
                        HERE,
                        "x-vault-wrap-ttl",
                        HERE,
                        "X-Vault-*",
                        HERE,
                        "Kubectl-*",
                        HERE),
                Unlisted.BY_EFFECT);
        assertThat(rules.of("x-own-thing").fate()).isEqualTo(Fate.PASSES);
        assertThat(rules.of("x_own_thing").fate()).as("_ is not -").isEqualTo(Fate.UNLISTED);
        assertThat(rules.of("X-Own-Secret-Key").fate()).isEqualTo(Fate.REFUSED);
        assertThat(rules.of("X-Own-Secret-Id").fate()).isEqualTo(Fate.ALLOWED);
        assertThat(rules.of("X_Own_Secret_Id").fate()).as("_ is not -").isEqualTo(Fate.REFUSED);
        assertThat(rules.of("X-Own-Secret-Ids").fate()).isEqualTo(Fate.REFUSED);
        assertThat(rules.of("X-Vault-Wrap-TTL").fate()).isEqualTo(Fate.ALLOWED);
        assertThat(rules.of("X_Vault_Wrap_TTL").fate()).isEqualTo(Fate.REFUSED);
        assertThat(rules.of("X-Vault-Wrap-Format").fate())
                .as("a prefix passes nothing that a list refuses")
                .isEqualTo(Fate.REFUSED);
        assertThat(rules.of("X-Vault-Namespace").fate()).isEqualTo(Fate.REFUSED);
        assertThat(rules.of("X-Vault-Request").fate()).isEqualTo(Fate.PASSES);
        assertThat(rules.of("kubectl-session").fate()).isEqualTo(Fate.PASSES);
        assertThat(rules.of("X-Remote-User").fate()).isEqualTo(Fate.REFUSED);
        assertThat(rules.of("Prefer").fate()).isEqualTo(Fate.REFUSED);
        assertThat(rules.of("Cookie").fate()).isEqualTo(Fate.ENDS);
        assertThat(rules.of("Forwarded").fate()).isEqualTo(Fate.REFUSED);
        assertThat(rules.passing())
                .containsOnlyKeys("X-Own-*", "X-Own-Secret-Id", "x-vault-wrap-ttl", "X-Vault-*", "Kubectl-*");

        assertThat(HeaderRules.COMMON.of("X-Own-Thing").fate())
                .as("the common rules stay as they are")
                .isEqualTo(Fate.UNLISTED);
        assertThat(HeaderRules.COMMON.with(List.of(), Map.of(), Unlisted.BY_EFFECT))
                .isSameAs(HeaderRules.COMMON);
    }

    @Test
    void declaring_passesAnArgumentsHeader_unlessAListHasIt() {
        HeaderRules rules = HeaderRules.COMMON.declaring(List.of("X-Tag", "Date", "X-Remote-User", "Sudo"));
        assertThat(rules.of("x-tag").passes()).isTrue();
        assertThat(rules.of("X_Tag").passes()).isFalse();
        assertThat(rules.of("Date").passes()).isTrue();
        assertThat(rules.of("X-Remote-User").fate()).isEqualTo(Fate.REMOVED);
        assertThat(rules.of("Sudo").fate()).isEqualTo(Fate.REFUSED);
        assertThat(HeaderRules.COMMON.of("X-Tag").passes()).isFalse();
    }

    @Test
    void and_passesTheArgumentsOfBothOperations() {
        HeaderRules one = HeaderRules.COMMON.declaring(List.of("X-Tag"));
        HeaderRules other = HeaderRules.COMMON.declaring(List.of("X-Size", "Sudo"));
        for (HeaderRules both : List.of(one.and(other), other.and(one))) {
            assertThat(both.of("X-Tag").passes()).isTrue();
            assertThat(both.of("X-Size").passes()).isTrue();
            assertThat(both.of("Sudo").fate()).isEqualTo(Fate.REFUSED);
        }
        assertThat(one.and(HeaderRules.COMMON)).isSameAs(one);
        assertThat(HeaderRules.COMMON.and(one).of("X-Tag").passes()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(Effect.class)
    void unlisted_isRefusedByEveryEffectButReadAndList_unlessTheCatalogueSaysOtherwise(Effect effect) {
        boolean reads = effect == Effect.READ || effect == Effect.LIST;
        assertThat(HeaderRules.COMMON.refusesUnlisted(effect)).isEqualTo(!reads);
        assertThat(HeaderRules.COMMON.with(List.of(), Map.of(), Unlisted.REMOVE).refusesUnlisted(effect))
                .isFalse();
        assertThat(HeaderRules.COMMON.with(List.of(), Map.of(), Unlisted.REFUSE).refusesUnlisted(effect))
                .isTrue();
        HeaderRules all = HeaderRules.COMMON.with(List.of("X-No"), Map.of(), Unlisted.PASS);
        assertThat(all.refusesUnlisted(effect)).isFalse();
        assertThat(all.of("X-Anything").passes()).isTrue();
        assertThat(all.of("X-No").refuses()).isTrue();
        assertThat(all.of("Origin").fate()).isEqualTo(Fate.HARMLESS);
        assertThat(all.of("X-Remote-User").fate()).isEqualTo(Fate.REMOVED);
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
                "X-Original-Url",
                "X-A*",
                "*",
                "X-Remote-*",
                "x_remote_*",
                "X-Forwarded-P*",
                "Impersonate-*",
                "Impersonate-Extra-*",
                "Sec-WebSocket-*"
            })
    void mayPass_neverWhatDecidesTheRequest(String name) {
        assertThat(HeaderRules.mayPass(name)).isFalse();
        assertThatThrownBy(() -> HeaderRules.COMMON.with(List.of(), Map.of(name, HERE), Unlisted.BY_EFFECT))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Vault-Wrap-TTL",
                "Sudo",
                "X-Remote-User",
                "X-Anything",
                "X-Ab*",
                "X-Vault-*",
                "X-Remote*",
                "X-User-*",
                "Impersonate*"
            })
    void mayPass_whatOneApiMayNeed(String name) {
        assertThat(HeaderRules.mayPass(name)).isTrue();
    }

    /** The tree says what a walk through the list says. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void of_isWhatTheListSays(boolean folds) {
        Random random = new Random(7);
        List<HeaderRule> list = new ArrayList<>();
        HeaderTree tree = new HeaderTree(folds);
        for (int i = 0; i < 400; i++) {
            String pattern = word(random, 1 + random.nextInt(5)) + (random.nextInt(3) == 0 ? "*" : "");
            Fate fate = Fate.values()[random.nextInt(Fate.values().length)];
            list.add(new HeaderRule(fate, pattern));
            tree.addAll(fate, List.of(pattern));
        }
        HeaderTree copy = tree.copy();
        for (int i = 0; i < 20_000; i++) {
            String name = word(random, random.nextInt(8));
            String upper = name.toUpperCase(Locale.ROOT);
            String sent = random.nextBoolean() ? name : folds ? upper.replace('-', '_') : upper;
            Fate expected = list.stream()
                    .filter(rule -> matches(rule.pattern(), name))
                    .map(HeaderRule::fate)
                    .max(Fate::compareTo)
                    .orElse(null);
            assertThat(fate(tree, sent)).as(sent).isEqualTo(expected);
            assertThat(fate(copy, sent)).as(sent).isEqualTo(expected);
        }
    }

    private static @Nullable Fate fate(HeaderTree tree, String name) {
        HeaderRule rule = tree.of(name);
        return rule == null ? null : rule.fate();
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
