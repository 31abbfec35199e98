package dev.errand.issuer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class AwayLogTest {
    private final AtomicLong nanos = new AtomicLong();
    private final AwayLog log = new AwayLog(nanos::get);

    private static long lines(CapturedOutput output, String part) {
        return output.getAll().lines().filter(line -> line.contains(part)).count();
    }

    @Test
    void refuse_tellsTheCallerTheKind_andTheLogTheName(CapturedOutput output) {
        Refusal refusal = log.refuse(Dependency.IDENTITY_PROVIDER, "the keys of https://idp.test cannot be had");
        assertThat(refusal.error()).isEqualTo(OauthError.TEMPORARILY_UNAVAILABLE);
        assertThat(refusal.description()).contains("identity provider").doesNotContain("idp.test");
        assertThat(refusal.headers()).containsEntry("Retry-After", "1");
        assertThat(lines(output, "identity provider of the subject_token: the keys of https://idp.test"))
                .isEqualTo(1);
    }

    @Test
    void refuse_againAndAgain_isOneLineAMinuteForEachKind(CapturedOutput output) {
        for (int i = 0; i < 500; i++) {
            log.refuse(Dependency.STATE, "one");
        }
        log.refuse(Dependency.TRUST_BUNDLE, "another");
        assertThat(lines(output, "its state: one")).isEqualTo(1);
        assertThat(lines(output, "another")).isEqualTo(1);

        nanos.addAndGet(TimeUnit.MINUTES.toNanos(1));
        log.refuse(Dependency.STATE, "two");
        assertThat(lines(output, "its state: two; so were 499 requests before")).isEqualTo(1);
    }
}
