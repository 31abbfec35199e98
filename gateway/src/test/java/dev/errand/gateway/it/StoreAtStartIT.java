package dev.errand.gateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.jose.KeyRing;
import dev.errand.state.redis.RedisProcess;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that cannot be used from the start: the gateway does not start either. */
class StoreAtStartIT {
    @TempDir
    Path directory;

    @Test
    void wrongPassword_doesNotStart_andSaysSoWithoutThePassword() throws Exception {
        Path keys = directory.resolve("keys.jwks");
        KeyRing.createIfAbsent(keys);
        try (RedisProcess redis =
                new RedisProcess(directory.resolve("redis"), "requirepass right-one").password("right-one")) {
            RunningGateway.Builder gateway = RunningGateway.with()
                    .trusting(TestHuman.releaseManager(), TestWorkloads.exampleOrg())
                    .sharing("redis://:wrong-one@127.0.0.1:" + redis.port(), keys);
            assertThatThrownBy(gateway::start)
                    .hasStackTraceContaining("errand.state.redis: no answer from redis://***@127.0.0.1:" + redis.port())
                    .satisfies(failure -> assertThat(failure.toString()).doesNotContain("wrong-one"));
        }
    }
}
