package dev.errand.agent.call;

import io.netty.handler.codec.http.HttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A part of an upload that waits whole for its checksum. Used on the event loop only. */
final class HeldPart {
    private final PartRoom room;
    private final long size;
    private final List<HttpContent> parts = new ArrayList<>();
    private boolean admitted;
    private boolean left;

    HeldPart(PartRoom room, long size) {
        this.room = room;
        this.size = size;
    }

    /** Waits for room; then what follows. */
    void enter(Runnable then) {
        room.enter(size, () -> {
            admitted = true;
            if (left) {
                room.leave(size);
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

    /** Hands all of it on, once. */
    void give(Consumer<HttpContent> to) {
        parts.forEach(to);
        parts.clear();
    }

    /** Lets go of it. */
    void leave() {
        if (left) {
            return;
        }
        left = true;
        parts.forEach(ReferenceCountUtil::release);
        parts.clear();
        if (admitted) {
            room.leave(size);
        }
    }
}
