package dev.errand.state.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.Checkout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a restart of the store on its append-only file leaves, if its default user may do nothing. */
class StoreLogIT {
    @TempDir
    Path directory;

    @Test
    void store_whoseDefaultUserIsOff_losesNothingWhenItStartsAgain() throws Exception {
        StoreLog.check(null, directory);
    }

    /** The page names the rights that the user needs, so that transactions of others are kept too. */
    @Test
    void lineOfThePage_keepsTransactions() throws Exception {
        Path page = Files.isDirectory(Path.of("docs")) ? Path.of("docs/store.md") : Checkout.path("docs/store.md");
        String line = Files.readAllLines(page).stream()
                .filter(each -> each.startsWith("user default off"))
                .findFirst()
                .orElseThrow();
        Path users = directory.resolve("users.acl");
        Files.writeString(users, line + "\nuser errand on >pw ~* &* +@all\n");
        try (RedisProcess redis = new RedisProcess(directory, "aclfile \"" + users + "\"").as("errand", "pw")) {
            assertThatThrownBy(() -> redis.as("default", "").command("PING")).isInstanceOf(IOException.class);
            redis.as("errand", "pw")
                    .command("EVAL", "redis.call('SET', KEYS[1], '1') redis.call('SET', KEYS[2], '1')", "2", "a", "b");
            redis.command("CONFIG", "SET", "appendfsync", "always");
            redis.kill();
            redis.start();
            assertThat(redis.command("DBSIZE")).isEqualTo("2");
        }
    }

    /** The other tests rely on this: a file that has a transaction is recognised. */
    @Test
    void transaction_isSeenInTheFile() throws Exception {
        try (RedisProcess redis = StoreLog.store(null, directory)) {
            redis.command("SET", "first", "1");
            redis.command("EVAL", "redis.call('SET', KEYS[1], '1') redis.call('SET', KEYS[2], '1')", "2", "a", "b");
            assertThat(StoreLog.transactions(redis.appended())).isEqualTo(List.of(List.of("SET", "SET")));
        }
    }
}
