package dev.errand.json;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TextBuilderTest {
    @Test
    void take_whileOneIsLent_givesAnother() {
        StringBuilder outer = TextBuilder.take().append("outer ");
        StringBuilder inner = TextBuilder.take().append("inner");
        assertThat(inner).isNotSameAs(outer);
        assertThat(TextBuilder.text(inner)).isEqualTo("inner");
        assertThat(TextBuilder.text(outer.append("goes on"))).isEqualTo("outer goes on");
    }

    @Test
    void text_givesTheBuilderBack_empty() {
        StringBuilder first = TextBuilder.take();
        TextBuilder.text(first.append("secret"));
        StringBuilder second = TextBuilder.take();
        assertThat(second).isSameAs(first).isEmpty();
        TextBuilder.text(second);
    }

    @Test
    void text_ofALongOne_keepsNoMemory() {
        StringBuilder longer = TextBuilder.take().append("x".repeat(100_000));
        assertThat(TextBuilder.text(longer)).hasSize(100_000);
        StringBuilder next = TextBuilder.take();
        assertThat(next).isNotSameAs(longer);
        TextBuilder.text(next);
    }

    @Test
    void take_onAnotherThread_givesAnother() throws Exception {
        StringBuilder here = TextBuilder.take();
        TextBuilder.text(here);
        StringBuilder[] there = new StringBuilder[1];
        Thread thread = new Thread(() -> there[0] = TextBuilder.take());
        thread.start();
        thread.join();
        assertThat(there[0]).isNotSameAs(here);
    }
}
