package dev.errand.agent.call;

import io.netty.handler.codec.http.HttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A part of an S3 upload that is held until all of it has come, since its checksum comes last. Used on the event loop
 * only.
 */
final class HeldPart {
    private final PartMemory memory;
    private final long size;
    private final List<HttpContent> parts = new ArrayList<>();
    private boolean admitted;
    private boolean left;

    HeldPart(PartMemory memory, long size) {
        this.memory = memory;
        this.size = size;
    }

    /** Waits for memory, then runs {@code then}. A part that was left meanwhile runs nothing. */
    void enter(Runnable then) {
        memory.enter(size, () -> {
            admitted = true;
            if (left) {
                memory.leave(size);
            } else {
                then.run();
            }
        });
    }

    boolean isAdmitted() {
        return admitted;
    }

    void add(HttpContent part) {
        parts.add(part);
    }

    /** Gives the receiver all that is held, once. */
    void give(Consumer<HttpContent> to) {
        parts.forEach(to);
        parts.clear();
    }

    /** Releases what is held, and gives back the memory. */
    void leave() {
        if (left) {
            return;
        }
        left = true;
        parts.forEach(ReferenceCountUtil::release);
        parts.clear();
        if (admitted) {
            memory.leave(size);
        }
    }
}
