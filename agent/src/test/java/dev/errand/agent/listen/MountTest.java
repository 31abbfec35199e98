package dev.errand.agent.listen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.agent.call.GatewayAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MountTest {
    private static final GatewayAddress GATEWAY = GatewayAddress.parse("--gateway", "http://127.0.0.1:8080");
    private static final String ISSUER = "https://gateway.example.org";
    private static final String ORIGIN = "http://127.0.0.1:9";

    @ParameterizedTest
    @CsvSource({
        "/registry/v2/x?a=b,/s/registry/v2/x?a=b",
        "http://127.0.0.1:8080/k8s/api,http://127.0.0.1:9/s/k8s/api",
        "https://gateway.example.org/k8s/api,http://127.0.0.1:9/s/k8s/api",
        "https://gateway.example.org,http://127.0.0.1:9/s/",
        "https://gateway.example.org.evil/k8s,https://gateway.example.org.evil/k8s",
        "https://elsewhere.example.org/a,https://elsewhere.example.org/a",
        "../b,../b",
        "?page=2,?page=2"
    })
    void mapped_byAListenerOfAllRoutes(String address, String expected) {
        assertThat(Mount.of("/s", ORIGIN).mapped(address, GATEWAY, ISSUER)).isEqualTo(expected);
    }

    /** A tool of a root shows its password to whom an address names, so that every address names the listener. */
    @ParameterizedTest
    @CsvSource({
        "/registry/v2/x,/v2/x",
        "/registry,/",
        "/registry?last=a,/?last=a",
        "/registryx/v2,/registryx/v2",
        "https://gateway.example.org/registry/v2/x,http://127.0.0.1:9/v2/x",
        "http://evil.example.org/v2/x?y,http://127.0.0.1:9/v2/x?y",
        "http://evil.example.org,http://127.0.0.1:9/",
        "//evil.example.org/v2,http://127.0.0.1:9/v2",
        "?page=2,?page=2"
    })
    void mapped_byARoot(String address, String expected) {
        assertThat(Mount.root("/registry", ORIGIN).mapped(address, GATEWAY, ISSUER))
                .isEqualTo(expected);
    }

    /** The path of a URL that names a host alone is a slash. */
    @ParameterizedTest
    @CsvSource({
        "/,/tools/mcp,/tools/mcp",
        "/?a=b,/tools/mcp,/tools/mcp?a=b",
        "/,/tools/mcp/,/tools/mcp/",
        "/?a=b,/tools/mcp/,/tools/mcp/?a=b",
        "/sub,/tools/mcp,/tools/mcp/sub",
        "/,/,/",
    })
    void gatewayTarget_ofTheRootOfAnEndpoint_isTheEndpoint(String target, String endpoint, String expected) {
        Mount mount = Mount.endpoint(endpoint, ORIGIN);
        assertThat(mount.gatewayTarget(target)).isEqualTo(expected);
        assertThat(mount.mapped(expected, GATEWAY, ISSUER)).isEqualTo(target);
    }

    @ParameterizedTest
    @CsvSource({"/,/registry/", "/?a,/registry/?a", "/v2/,/registry/v2/"})
    void gatewayTarget_ofARoot_liesBelowTheRoute(String target, String expected) {
        assertThat(Mount.root("/registry", ORIGIN).gatewayTarget(target)).isEqualTo(expected);
    }
}
