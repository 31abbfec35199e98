package dev.errand.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextBuilderTest {
    private static String text(StringBuilder taken) {
        return new String(TextBuilder.utf8(taken), StandardCharsets.UTF_8);
    }

    @Test
    void take_whileOneIsLent_givesAnother() {
        StringBuilder outer = TextBuilder.take().append("outer ");
        StringBuilder inner = TextBuilder.take().append("inner");
        assertThat(inner).isNotSameAs(outer);
        assertThat(text(inner)).isEqualTo("inner");
        assertThat(text(outer.append("goes on"))).isEqualTo("outer goes on");
    }

    @Test
    void utf8_givesTheBuilderBack_empty() {
        StringBuilder first = TextBuilder.take();
        text(first.append("secret"));
        StringBuilder second = TextBuilder.take();
        assertThat(second).isSameAs(first).isEmpty();
        text(second);
    }

    @Test
    void utf8_ofALongOne_keepsNoMemory() {
        StringBuilder longer = TextBuilder.take().append("x".repeat(100_000));
        assertThat(text(longer)).hasSize(100_000);
        StringBuilder next = TextBuilder.take();
        assertThat(next).isNotSameAs(longer);
        text(next);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u00e9", "\u202e", "\ud83d\ude00"})
    void utf8_ofOtherThanAscii_keepsNoBuilderThatIsSlowerForIt(String other) {
        StringBuilder wide = TextBuilder.take().append(other);
        assertThat(text(wide)).isEqualTo(other);
        StringBuilder next = TextBuilder.take();
        assertThat(next).isNotSameAs(wide);
        text(next);
    }

    @Test
    void utf8_twice_isRefused() {
        StringBuilder ended = TextBuilder.take().append("once");
        assertThat(text(ended)).isEqualTo("once");
        assertThatThrownBy(() -> TextBuilder.utf8(ended)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void take_onAnotherThread_givesAnother() throws Exception {
        StringBuilder here = TextBuilder.take();
        text(here);
        StringBuilder[] there = new StringBuilder[1];
        Thread thread = new Thread(() -> there[0] = TextBuilder.take());
        thread.start();
        thread.join();
        assertThat(there[0]).isNotSameAs(here);
    }
}
