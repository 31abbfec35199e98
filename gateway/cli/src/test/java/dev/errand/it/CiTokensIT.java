package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.jose.TestRsa;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Base64;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tasks that jobs of GitHub Actions and GitLab CI start, by the recipes of docs/github.md. The tokens have the shapes that both
 * publish, and real signatures.
 */
class CiTokensIT {
    private static final Page PAGE = new Page("docs/github.md");
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();

    /** The claims of GitHub's page "OpenID Connect reference", with a repository of ours. */
    private static final String GITHUB = """
            {"jti":"%s","sub":"repo:acme/app:ref:refs/heads/main","aud":"errand","ref":"refs/heads/main","sha":"example-sha",
            "repository":"acme/app","repository_owner":"acme","actor_id":"12","repository_visibility":"private","repository_id":"74",
            "repository_owner_id":"65","run_id":"example-run-id","run_number":"10","run_attempt":"2","runner_environment":"self-hosted",
            "actor":"octocat","workflow":"example-workflow","head_ref":"","base_ref":"","event_name":"workflow_dispatch","ref_type":"branch",
            "job_workflow_ref":"acme/app/.github/workflows/triage.yml@refs/heads/main",
            "iss":"https://token.actions.githubusercontent.com","nbf":%d,"exp":%d,"iat":%d}""";

    /** The claims of GitLab's page "OpenID Connect (OIDC) authentication using ID tokens", with a project of ours. */
    private static final String GITLAB = """
            {"jti":"%s","namespace_id":"72","namespace_path":"acme","project_id":"20","project_path":"acme/app","user_id":"1",
            "user_login":"sample-user","user_email":"sample-user@example.com","user_access_level":"developer",
            "user_identities":[{"provider":"github","extern_uid":"2435223452345"}],"pipeline_id":"574","pipeline_source":"push",
            "job_id":"302","ref":"main","ref_type":"branch","ref_path":"refs/heads/main","ref_protected":"true",
            "groups_direct":["acme"],"runner_id":1,"runner_environment":"self-hosted","sha":"example-sha","project_visibility":"public",
            "ci_config_ref_uri":"gitlab.example.org/acme/app//.gitlab-ci.yml@refs/heads/main","ci_config_sha":"example-sha",
            "sub":"project_path:acme/app:ref_type:branch:ref:main","aud":"errand","iss":"https://gitlab.example.org",
            "nbf":%d,"exp":%d,"iat":%d}""";

    private static KeyPair key;
    private static RunningGateway gateway;

    @BeforeAll
    static void start() throws Exception {
        key = TestRsa.pair();
        RSAPublicKey published = (RSAPublicKey) key.getPublic();
        // As both publish their keys.
        String jwks = "{\"keys\":[{\"kty\":\"RSA\",\"alg\":\"RS256\",\"use\":\"sig\",\"kid\":\"ci\",\"n\":\""
                + base64(unsigned(published.getModulus().toByteArray())) + "\",\"e\":\"AQAB\"}]}";
        gateway = RunningGateway.with()
                .file(
                        "application.yaml",
                        FrontedServer.application("ci", "http://127.0.0.1:1", java.util.List.of())
                                .replaceFirst("humans: .*", "humans:\n      " + github() + "\n      " + gitlab()))
                .file("ci.jwks", jwks)
                .file("example.org.json", WORKLOADS.bundle())
                .file("tasks/github-job.yaml", template("github-job", "claim: repository"))
                .file("tasks/gitlab-job.yaml", template("gitlab-job", "humans: {claim: project_path"))
                .start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    /** The page's entries, with a file in the place of a provider that no test reaches. */
    private static String github() {
        String block = PAGE.block("- issuer: https://token.actions.githubusercontent.com");
        return "- {"
                + block.substring(block.indexOf("issuer:"))
                        .strip()
                        .replaceAll("\n\\s*", ", ")
                        .replace("discovery: true", "jwks: \"file:ci.jwks\"")
                + "}";
    }

    private static String gitlab() {
        String block = PAGE.block("humans: [{issuer: \"https://gitlab.example.org\"");
        return "- "
                + block.substring(block.indexOf("[{") + 1, block.indexOf("}]") + 1)
                        .replace("discovery: true", "jwks: \"file:ci.jwks\"");
    }

    private static String template(String name, String line) {
        return FrontedServer.template("  ci:version: {}\n")
                .replace("template: work", "template: " + name)
                .replaceFirst("humans: .*\n", PAGE.block(line));
    }

    private static byte[] unsigned(byte[] number) {
        return number[0] == 0 ? java.util.Arrays.copyOfRange(number, 1, number.length) : number;
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static String token(String claims, KeyPair signer, long seconds) throws GeneralSecurityException {
        long now = Instant.now().getEpochSecond();
        String payload = claims.formatted(UUID.randomUUID(), now - 600, now + seconds, now);
        String input = base64("{\"typ\":\"JWT\",\"alg\":\"RS256\",\"x5t\":\"example-thumbprint\",\"kid\":\"ci\"}"
                        .getBytes(StandardCharsets.UTF_8))
                + "." + base64(payload.getBytes(StandardCharsets.UTF_8));
        Signature signature = Signature.getInstance("SHA256withRSA");
        signature.initSign(signer.getPrivate());
        signature.update(input.getBytes(StandardCharsets.US_ASCII));
        return input + "." + base64(signature.sign());
    }

    private static HttpResponse<String> start(String template, String token) {
        return TokenCall.start(TestHuman.releaseManager(), WORKLOADS)
                .with("subject_token", token)
                .asking(template, "{}", "")
                .send(gateway);
    }

    private static String lastReason() {
        String last = gateway.records().stream()
                .filter(line -> line.contains("\"kind\":\"start\""))
                .reduce("", (before, line) -> line);
        return String.valueOf(Jws.object(last).string("reason"));
    }

    @Test
    void jobOfGitHub_startsATask_forThePersonWhoStartedIt() throws Exception {
        HttpResponse<String> answer = start("github-job", token(GITHUB, key, 300));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(gateway.records())
                .anyMatch(line -> line.contains("\"kind\":\"start\"") && line.contains("\"sub\":\"12\""));
    }

    @Test
    void jobOfGitLab_startsATask_forThePersonWhoStartedIt() throws Exception {
        HttpResponse<String> answer = start("gitlab-job", token(GITLAB, key, 3600));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(gateway.records())
                .anyMatch(line -> line.contains("\"kind\":\"start\"") && line.contains("\"sub\":\"1\""));
    }

    /** What strangers can bring a repository to run, and what is another repository or branch. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "event_name":"workflow_dispatch" | "event_name":"pull_request"
            "event_name":"workflow_dispatch" | "event_name":"pull_request_target"
            "event_name":"workflow_dispatch" | "event_name":"issues"
            "event_name":"workflow_dispatch" | "event_name":"issue_comment"
            "event_name":"workflow_dispatch" | "event_name":"workflow_run"
            "event_name":"workflow_dispatch" | "event_name":"fork"
            "ref":"refs/heads/main"          | "ref":"refs/pull/17/merge"
            "ref":"refs/heads/main"          | "ref":"refs/heads/other"
            "repository":"acme/app"          | "repository":"stranger/app"
            "repository":"acme/app"          | "repository":"acme/apple"
            """)
    void jobOfGitHub_ofAnotherEventBranchOrRepository_startsNothing(String was, String is) throws Exception {
        assertThat(GITHUB).contains(was);
        HttpResponse<String> answer = start("github-job", token(GITHUB.replace(was, is), key, 300));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(lastReason()).isEqualTo("group");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "project_path":"acme/app"  | "project_path":"stranger/app"
            "ref_protected":"true"     | "ref_protected":"false"
            "pipeline_source":"push"   | "pipeline_source":"merge_request_event"
            "pipeline_source":"push"   | "pipeline_source":"trigger"
            """)
    void jobOfGitLab_ofAnotherProjectRefOrSource_startsNothing(String was, String is) throws Exception {
        assertThat(GITLAB).contains(was);
        HttpResponse<String> answer = start("gitlab-job", token(GITLAB.replace(was, is), key, 3600));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(lastReason()).isEqualTo("group");
    }

    /** One provider's job is no human of the other's template; a foreign key, a longer life and a second start are refused. */
    @Test
    void tokens_ofAnotherProviderKeyOrLife_startNothing() throws Exception {
        assertThat(start("gitlab-job", token(GITHUB, key, 300)).statusCode()).isEqualTo(400);
        assertThat(lastReason()).isEqualTo("group");
        assertThat(start("github-job", token(GITHUB, TestRsa.pair(), 300)).statusCode())
                .isEqualTo(400);
        assertThat(lastReason()).isEqualTo("signature");
        assertThat(start("github-job", token(GITHUB, key, 3600)).statusCode()).isEqualTo(400);
        String once = token(GITHUB, key, 300);
        assertThat(start("github-job", once).statusCode()).isEqualTo(200);
        assertThat(TokenCall.start(TestHuman.releaseManager(), WORKLOADS)
                        .by(TestKey.ed25519("other"))
                        .with("subject_token", once)
                        .asking("github-job", "{}", "")
                        .send(gateway)
                        .statusCode())
                .isEqualTo(400);
    }
}
