package dev.errand.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

class PortAddressTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            -                                                                 | http  | http  | -
            server.ssl.bundle=a                                               | https | https | a
            server.ssl.key-store=a.p12                                        | https | https | -
            server.ssl.certificate=a.pem                                      | https | https | -
            server.ssl.bundle=a server.ssl.enabled=false                      | http  | http  | -
            management.server.ssl.bundle=b                                    | http  | https | b
            management.server.ssl.certificate=b.pem                           | http  | https | -
            server.ssl.bundle=a management.server.ssl.bundle=b                | https | https | b
            server.ssl.bundle=a management.server.ssl.key-store=b.p12         | https | https | -
            server.ssl.bundle=a management.server.ssl.enabled=false           | https | http  | -
            management.server.ssl.bundle=b management.server.ssl.enabled=false | http | http  | -
            """)
    void schemes_areThoseThatSpringBootServes(
            @Nullable String keys, String traffic, String operator, @Nullable String bundle) {
        StandardEnvironment environment = environment(keys == null ? "" : keys);
        assertThat(PortAddress.traffic(environment)).isEqualTo(traffic + "://0.0.0.0:8080");
        assertThat(PortAddress.operator(environment)).isEqualTo(operator + "://[::1]:9090");
        assertThat(PortAddress.operatorBundle(environment)).isEqualTo(bundle);
    }

    @Test
    void variablesOfTheEnvironment_countLikeKeys() {
        StandardEnvironment environment = environment("");
        environment
                .getPropertySources()
                .addFirst(new SystemEnvironmentPropertySource(
                        "variables-systemEnvironment", Map.of("SERVER_SSL_KEYSTORE", "a.p12")));
        assertThat(PortAddress.operator(environment)).startsWith("https://");
    }

    private static StandardEnvironment environment(String keys) {
        Map<String, Object> values = new TreeMap<>(Map.of(
                "local.server.port", "8080", "local.management.port", "9090", "management.server.address", "::1"));
        for (String key : keys.isEmpty() ? new String[0] : keys.split(" ")) {
            values.put(key.substring(0, key.indexOf('=')), key.substring(key.indexOf('=') + 1));
        }
        StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().addFirst(new MapPropertySource("test", values));
        ConfigurationPropertySources.attach(environment);
        return environment;
    }
}
