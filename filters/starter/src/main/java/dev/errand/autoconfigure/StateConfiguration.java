package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import dev.errand.jose.SigningKeys;
import dev.errand.state.RequestIndex;
import dev.errand.state.SessionStore;
import dev.errand.state.StandingErrands;
import dev.errand.state.StartRequestStore;
import dev.errand.state.StartStore;
import dev.errand.state.StateListener;
import dev.errand.state.redis.MacSeal;
import dev.errand.state.redis.RecordTerms;
import dev.errand.state.redis.RedisRequestIndex;
import dev.errand.state.redis.RedisSessionStore;
import dev.errand.state.redis.RedisStandingErrands;
import dev.errand.state.redis.RedisStartRequests;
import dev.errand.state.redis.RedisStartStore;
import dev.errand.state.redis.RedisTaskStore;
import dev.errand.state.redis.SecretSeal;
import dev.errand.state.redis.link.ClockSkew;
import dev.errand.state.redis.link.EmbeddedRedis;
import dev.errand.state.redis.link.RedisAddress;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.state.redis.link.StoreAccess;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/**
 * The shared state: an embedded Redis, a server, a server behind sentinels, or a cluster. A start waits for a store
 * that does not answer.
 */
@Configuration(proxyBeanMethods = false)
@Import({LeaveLoopsAtStop.class, StateMetrics.class, StoreWatch.class})
class StateConfiguration {
    /**
     * The Redis in use.
     *
     * @param embedded the server that this process started, or null
     */
    record Redis(RedisAddress address, @Nullable EmbeddedRedis embedded) implements AutoCloseable {
        @Override
        public void close() {
            if (embedded != null) {
                embedded.close();
            }
        }
    }

    @Bean(destroyMethod = "close")
    Redis errandRedis(ErrandProperties properties) {
        if (!properties.state().isEmbedded()) {
            return new Redis(address(properties), null);
        }
        Path directory = properties.directory().resolve("data/redis");
        try {
            EmbeddedRedis server = EmbeddedRedis.start(directory, 0, true);
            return new Redis(server.address(), server);
        } catch (IOException e) {
            throw ConfigurationException.of("errand.state.redis: embedded: " + e.getMessage());
        }
    }

    /** The address of the configured server. {@code embedded} has no address before it runs. */
    public static RedisAddress address(ErrandProperties properties) {
        try {
            return RedisAddress.parse(properties.state().redis(), access(properties));
        } catch (IllegalArgumentException e) {
            throw ConfigurationException.of("errand.state.redis: " + e.getMessage());
        }
    }

    private static StoreAccess access(ErrandProperties properties) {
        ErrandProperties.State state = properties.state();
        String password = state.password();
        String authorities = state.authorities();
        return new StoreAccess(
                state.username(),
                password == null ? null : properties.file(password),
                authorities == null ? null : properties.file(authorities));
    }

    @Bean(destroyMethod = "close")
    RedisLink errandRedisLink(Redis redis, ErrandProperties properties, StateListener listener) {
        ErrandProperties.State state = properties.state();
        RedisLink link = RedisLink.open(redis.address(), state.timeout(), state.connectTimeout(), listener);
        try {
            StoreWait.first(link, properties);
        } catch (RuntimeException away) {
            link.close();
            throw away;
        }
        return link;
    }

    @Bean(destroyMethod = "close")
    StoreWait errandStoreWait(
            RedisLink link, RedisTaskStore store, ErrandProperties properties, ConfigurableApplicationContext context) {
        return new StoreWait(link, properties, () -> StepWarmup.run(store), context::close);
    }

    /** Keeps the embedded server running; the gateway ends where that is not possible. */
    @Bean
    SmartInitializingSingleton errandEmbeddedRedisWatch(Redis redis, StoreWait wait) {
        return () -> {
            if (redis.embedded() != null) {
                redis.embedded().restartIfItEnds(wait::lost);
            }
        };
    }

    @Bean
    RecordTerms errandRecordTerms(ErrandProperties properties, SigningKeys keys) {
        try {
            return RecordTerms.of(properties.state().format(), new MacSeal(keys::stateKeys));
        } catch (IllegalArgumentException e) {
            throw ConfigurationException.of(String.valueOf(e.getMessage()));
        }
    }

    @Bean
    RedisTaskStore errandTaskStore(
            RedisLink link,
            ErrandProperties properties,
            StateListener listener,
            RecordTerms terms,
            Clock clock,
            MeterRegistry registry) {
        ClockSkew skew = new ClockSkew(clock, properties.proof().window());
        RedisTaskStore store = new RedisTaskStore(link, properties.state().timeout(), listener, terms, skew);
        Gauge.builder("errand.state.clock.skew", store, each -> each.clockSkew().toMillis() / 1000.0)
                .description("How far ahead of the state store's clock this replica's is")
                .baseUnit("seconds")
                .register(registry);
        return store;
    }

    @Bean
    RequestIndex errandRequestIndex(RedisLink link, ErrandProperties properties) {
        return new RedisRequestIndex(link, properties.state().timeout());
    }

    @Bean
    SessionStore errandSessionStore(RedisLink link, ErrandProperties properties, SigningKeys keys) {
        return new RedisSessionStore(link, properties.state().timeout(), keys::stateKeys);
    }

    @Bean
    StartRequestStore errandStartRequestStore(RedisLink link, ErrandProperties properties, SigningKeys keys) {
        return new RedisStartRequests(link, properties.state().timeout(), new SecretSeal(keys::stateKeys));
    }

    @Bean
    StandingErrands errandStandingErrands(RedisLink link, ErrandProperties properties, SigningKeys keys) {
        return new RedisStandingErrands(link, properties.state().timeout(), new SecretSeal(keys::stateKeys));
    }

    @Bean
    StartStore errandStartStore(RedisLink link, ErrandProperties properties, RecordTerms terms) {
        return new RedisStartStore(link, properties.state().timeout(), terms.seal());
    }
}
