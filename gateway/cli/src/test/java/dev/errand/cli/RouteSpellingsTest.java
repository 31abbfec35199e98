package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.autoconfigure.ConfigurationCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Filters and predicates of routes as the pages of Spring Cloud Gateway write them: {@code errand check} finds no fault. */
class RouteSpellingsTest {
    @TempDir
    private Path directory;

    private void good(String written, String instead) throws IOException {
        ConfigurationFaultsTest.writeGood(directory);
        String quoted = instead.startsWith("{") ? instead : "'" + instead + "'";
        Files.writeString(directory.resolve("application.yaml"), ConfigurationFaultsTest.GOOD.replace(written, quoted));
        assertThat(ConfigurationCheck.check(directory, Map.of()).faults()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "AddRequestHeader=X-A, b",
                "AddRequestHeadersIfNotPresent=X-A:1,X-B:2",
                "AddRequestParameter=a, b",
                "AddResponseHeader=X-A, b",
                "{name: CacheRequestBody, args: {bodyClass: java.lang.String}}",
                "DedupeResponseHeader=X-A X-B, RETAIN_FIRST",
                "{name: JsonToGrpc, args: {service: s, method: m}}",
                "MapRequestHeader=X-A, X-B",
                "PrefixPath=/a",
                "RemoveRequestHeader=X-A",
                "RemoveRequestParameter=a",
                "RemoveResponseHeader=X-A",
                "RequestHeaderSize=1000B",
                "RequestHeaderSize=1000B,X-Too-Large",
                "{name: RequestRateLimiter, args: {redis-rate-limiter.replenishRate: 1, redis-rate-limiter.burstCapacity: 2}}",
                "RequestSize=5MB",
                "{name: RequestSize, args: {maxSize: 5000000}}",
                "{name: RequestSize, args: {max-size: 5MB}}",
                "RewriteLocationResponseHeader=AS_IN_REQUEST, Location, ,",
                "RewritePath=/red/?(?<segment>.*), /$\\{segment}",
                "RewriteRequestParameter=a, b",
                "RewriteResponseHeader=X-A, a, b",
                "SaveSession",
                "SecureHeaders",
                "{name: SecureHeaders, args: {disable: x-frame-options}}",
                "SetPath=/{segment}",
                "SetRequestHeader=X-A, b",
                "SetRequestHostHeader=a.example.org",
                "SetResponseHeader=X-A, b",
                "SetStatus=401",
                "SetStatus=UNAUTHORIZED",
                "TokenRelay=",
                "TokenRelay=other",
                "TaskIdentity=required",
                "Provenance=log",
                "{name: StripPrefix, args: {parts: 2}}"
            })
    void check_aFilterAsItsPageWritesIt_isGood(String filter) throws IOException {
        good("StripPrefix=1", filter);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "After=2017-01-20T17:42:47.789-07:00[America/Denver]",
                "Before=2017-01-20T17:42:47.789-07:00[America/Denver]",
                "Between=2017-01-20T17:42:47.789-07:00[America/Denver], 2017-01-21T17:42:47.789-07:00[America/Denver]",
                "Cookie=chocolate, ch.p",
                "Header=X-Request-Id, \\d+",
                "Header=X-Request-Id",
                "Host=**.somehost.org,**.anotherhost.org",
                "Method=GET,POST",
                "Path=/red/{segment},/blue/{segment}",
                "Path=/red/{segment},/blue/{segment},true",
                "{name: Path, args: {patterns: /a, matchTrailingSlash: true}}",
                "Query=green",
                "Query=red, gree.",
                "RemoteAddr=192.168.1.1/24",
                "Weight=group1, 8",
                "XForwardedRemoteAddr=192.168.1.1/24"
            })
    void check_aPredicateAsItsPageWritesIt_isGood(String predicate) throws IOException {
        good("Path=/tickets/**", predicate);
    }
}
