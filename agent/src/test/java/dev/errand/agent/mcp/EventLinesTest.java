package dev.errand.agent.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventLinesTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 1000})
    void events_giveTheirData_howeverTheyCome(int step) {
        List<String> data = new ArrayList<>();
        EventLines lines = new EventLines(event -> data.add(new String(event, StandardCharsets.UTF_8)));
        byte[] stream =
                ("id: 0\ndata:\n\ndata: \ndata\n\n: comment\nevent: message\ndata: {\"a\":1}\nid: 7\n\nretry: 5\n\ndata:{\r\ndata:}\r\n\r\n"
                                + "data: ü\r\rdata: unfinished")
                        .getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < stream.length; i += step) {
            assertThat(lines.take(java.util.Arrays.copyOfRange(stream, i, Math.min(stream.length, i + step))))
                    .isTrue();
        }
        assertThat(data).containsExactly("{\"a\":1}", "{\n}", "ü");
    }
}
