package dev.errand.sink;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** Reads the first bytes of an answer's body and cancels the rest. For one body; called by one thread at a time. */
final class BodyHead implements HttpResponse.BodySubscriber<byte[]> {
    private final int most;
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private Flow.@Nullable Subscription subscription;

    /** @param most the most bytes to read; with 0 the body is not awaited */
    BodyHead(int most) {
        this.most = most;
    }

    @Override
    public CompletionStage<byte[]> getBody() {
        return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription = given;
        goOn(given);
    }

    @Override
    public void onNext(List<ByteBuffer> more) {
        for (ByteBuffer part : more) {
            byte[] bytes = new byte[Math.min(part.remaining(), most - taken.size())];
            part.get(bytes);
            taken.writeBytes(bytes);
        }
        if (subscription != null) {
            goOn(subscription);
        }
    }

    private void goOn(Flow.Subscription given) {
        if (taken.size() < most) {
            given.request(1);
        } else {
            given.cancel();
            body.complete(taken.toByteArray());
        }
    }

    @Override
    public void onError(Throwable failure) {
        body.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        body.complete(taken.toByteArray());
    }
}
