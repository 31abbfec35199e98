package dev.errand.web;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/** A request that another gateway received and gave to this one: the native request behind Spring's. */
public interface GivenRequest {
    /** The request-target, as the other gateway has it. */
    String target();

    /** The fields that the agent sent. */
    HttpHeaders fields();

    /** The event loop of the connection to the other gateway. */
    EventLoop loop();

    /** The other gateway's name for the route, at most 128 characters; null if it gave none. */
    @Nullable String routeName();
}
