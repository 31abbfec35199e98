package dev.errand.load;

import io.gatling.javaapi.core.Simulation;

/** Agents at the ends of chains of one to eight tokens, sent with each call. */
public final class ChainDepths extends Simulation {
    public ChainDepths() {
        Call call = Call.ofDepths(Call.users(), 8);
        setUp(call.closed("chain depths", call.permitted())).maxDuration(Call.longest());
    }
}
