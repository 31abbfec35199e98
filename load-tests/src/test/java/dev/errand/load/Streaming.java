package dev.errand.load;

import io.gatling.javaapi.core.Simulation;

/** Agents that each read one answer after the other, every one of them a stream that lasts a second. */
public final class Streaming extends Simulation {
    public Streaming() {
        Call call = new Call(Call.users());
        setUp(call.closed("streaming", call.streamed())).maxDuration(Call.longest());
    }
}
