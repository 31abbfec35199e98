package dev.errand.web.refusal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.denial.Next;
import dev.errand.operation.OperationCall;
import dev.errand.task.Tasks;
import dev.errand.web.Call;
import dev.errand.web.Revisions;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.http.HttpHeaders;
import reactor.core.scheduler.Schedulers;

class ErrandHeadersTest {
    private static Call call() {
        return Call.Arrived.now("vault", "GET", "/vault/v1/x", "00", Revisions.EMPTY, Schedulers.immediate());
    }

    @Test
    void operations_areThoseOfTheRecord_onePerPair() {
        OperationCall read = Tasks.pair("vault:kv.read");
        OperationCall write = Tasks.pair("vault:kv.write");
        assertThat(ErrandHeaders.operations(List.of(read))).isEqualTo("vault:kv.read");
        assertThat(ErrandHeaders.operations(List.of(write, read, read)))
                .isEqualTo("vault:kv.write vault:kv.read vault:kv.read");
    }

    @Test
    void operations_areBounded_andEndWithAWholeOne() {
        String all = ErrandHeaders.operations(Collections.nCopies(1_000, Tasks.pair("s3:DeleteObject")));
        assertThat(all).hasSizeLessThanOrEqualTo(4096).endsWith(" s3:DeleteObject");
        assertThat(ErrandHeaders.operations(List.of(Tasks.pair("t:" + "a".repeat(5_000)))))
                .hasSize(512);
    }

    /** The name of a tool is the caller's. */
    @ParameterizedTest
    @CsvSource({
        "'tools:a\r\nErrand-Sent: no', 'tools:a\\u000d\\u000aErrand-Sent: no'",
        "'tools:\u202egnp\u00e9', 'tools:\\u202egnp\\u00e9'",
        "'tools:\u0000\u007f', 'tools:\\u0000\\u007f'"
    })
    void operation_thatHoldsWhatNoHeaderMay_isEscaped(String id, String written) {
        assertThat(ErrandHeaders.operations(List.of(Tasks.pair(id)))).isEqualTo(written);
    }

    @Test
    void refusal_ofACallThatWasSent_saysMaybeAndNotWhenToRepeat() {
        Call call = call();
        HttpHeaders headers = new HttpHeaders();
        headers.set("Retry-After", "1");
        assertThat(call.progress().beginSending()).isTrue();
        refused(headers, call, new Denial(DenyReason.DECISION_UNAVAILABLE, null, "x"));
        assertThat(headers.getFirst("Errand-Sent")).isEqualTo("maybe");
        assertThat(headers.getFirst("Errand-Code")).isEqualTo("decision-unavailable");
        assertThat(headers.getFirst("Errand-Decision")).isEqualTo(call.decision());
        assertThat(headers.headerNames()).doesNotContain("Retry-After", "Errand-Operation");
    }

    /** What is told as not sent is not sent afterwards. */
    @Test
    void refusal_ofACallThatWasNotSent_saysNoForGood() {
        Call call = call();
        HttpHeaders headers = new HttpHeaders();
        headers.set("Retry-After", "7");
        refused(headers, call, new Denial(DenyReason.RATE_EXCEEDED, "limits", "x"));
        assertThat(headers.getFirst("Errand-Sent")).isEqualTo("no");
        assertThat(headers.getFirst("Retry-After")).isEqualTo("7");
        assertThat(call.progress().beginSending()).isFalse();
    }

    @Test
    void pending_saysOneSecond_exceptOfACallThatWasSent() {
        Denial pending = new Denial(DenyReason.SEQUENCE_VIOLATION, "pending", "x");
        HttpHeaders headers = new HttpHeaders();
        refused(headers, call(), pending);
        assertThat(headers.getFirst("Retry-After")).isEqualTo("1");
        Call sent = call();
        sent.progress().beginSending();
        HttpHeaders none = new HttpHeaders();
        refused(none, sent, pending);
        assertThat(none.headerNames()).doesNotContain("Retry-After");
    }

    private static void refused(HttpHeaders headers, Call call, Denial denial) {
        Next next = ErrandHeaders.refused(
                headers, call, Refusal.of(denial), denial.reason().status(), false);
        assertThat(headers.getFirst("Errand-Next")).isEqualTo(next.wire());
    }
}
