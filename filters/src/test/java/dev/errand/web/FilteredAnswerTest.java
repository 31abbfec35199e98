package dev.errand.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.operation.OperationCall;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.Requests;
import dev.errand.operation.Resolution;
import dev.errand.operation.jsonrpc.ListAnswer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.MediaType;
import org.springframework.mock.http.server.reactive.MockServerHttpResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

class FilteredAnswerTest {
    private static final String LISTED =
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tools\":[{\"name\":\"echo\"},{\"name\":\"get-env\"}]}}";

    /** Not begun by any server. */
    private static final class Response extends MockServerHttpResponse {
        @Override
        @SuppressWarnings("unchecked")
        public <T> T getNativeResponse() {
            return (T) new Object();
        }
    }

    private static Call listing() {
        OperationCatalogue tools = Requests.catalogue("{catalogue: tools, resolver: jsonrpc, path: /mcp}");
        String list = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}";
        Resolution found = tools.resolve(Requests.withBody("POST", "/mcp", list, "Content-Type", "application/json"));
        List<OperationCall> calls = ((Resolution.Resolved) found).calls();
        Call call = new Call("tools", "POST", "/mcp", "00", Revisions.EMPTY, Schedulers.immediate());
        call.listAnswer = ListAnswer.of(tools, calls, (operation, arguments) -> operation.endsWith("/echo"))
                .orElseThrow();
        return call;
    }

    /** Whichever way the gateway writes it: some types are flushed part by part. */
    @ParameterizedTest
    @ValueSource(strings = {"application/json", "application/stream+json", "application/x-ndjson"})
    void listThatIsNoEventStream_writtenByParts_isFiltered(String type) {
        Response response = new Response();
        response.getHeaders().setContentType(MediaType.parseMediaType(type));
        FilteredAnswer answer = new FilteredAnswer(response, listing());
        DataBuffer buffer = response.bufferFactory().wrap((LISTED + "\n\n").getBytes(StandardCharsets.UTF_8));
        answer.writeAndFlushWith(Flux.just(Mono.just(buffer))).block();
        assertThat(Objects.requireNonNull(response.getBodyAsString().block()))
                .contains("echo")
                .doesNotContain("get-env");
    }
}
