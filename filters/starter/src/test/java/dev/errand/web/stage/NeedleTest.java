package dev.errand.web.stage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;

class NeedleTest {
    private static DataBuffer buffer(String text) {
        return DefaultDataBufferFactory.sharedInstance.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String random(Random random, int length, int letters) {
        return random.ints(length, 0, letters)
                .mapToObj(letter -> String.valueOf((char) ('a' + letter)))
                .collect(java.util.stream.Collectors.joining());
    }

    /** Against the plain search, for texts that overlap with themselves and for every way to cut a body. */
    @Test
    void push_findsWhatThePlainSearchFinds_however_theBodyIsCut() {
        Random random = new Random(48);
        int found = 0;
        for (int round = 0; round < 20_000; round++) {
            int letters = 2 + random.nextInt(3);
            String text = random(random, 1 + random.nextInt(round % 50 == 0 ? 150 : 9), letters);
            String body = random(random, random.nextInt(60), letters);
            body = random.nextInt(4) == 0 ? body + text + random(random, random.nextInt(9), letters) : body;
            assertThat(new Needle(text).isIn(buffer(body))).isEqualTo(body.contains(text));
            Needle needle = new Needle(text);
            int from = 0;
            boolean seen = false;
            while (from < body.length() && !seen) {
                int to = Math.min(body.length(), from + 1 + random.nextInt(12));
                seen = needle.push(buffer(body.substring(from, to)));
                assertThat(seen)
                        .as("%s in %s to %d", text, body, to)
                        .isEqualTo(body.substring(0, to).contains(text));
                if (!seen) {
                    assertThat(needle.matched()).isEqualTo(ending(body.substring(0, to), text));
                }
                from = to;
            }
            found += seen ? 1 : 0;
        }
        assertThat(found).isBetween(2_000, 18_000);
    }

    private static int ending(String body, String text) {
        for (int length = Math.min(text.length() - 1, body.length()); length > 0; length--) {
            if (body.endsWith(text.substring(0, length))) {
                return length;
            }
        }
        return 0;
    }
}
