package io.koshi.plugin.guest;

import io.koshi.api.Channel;
import io.koshi.api.Receipt;
import io.koshi.api.Reply;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** A plugin for the tests, packed into jars by them; its setting {@code mood} says how it behaves. */
public final class Guest implements Channel {
    public Guest(Map<String, Object> properties) throws InterruptedException {
        switch (String.valueOf(properties.getOrDefault("mood", "good"))) {
            case "throws" -> throw new IllegalStateException("this guest is in no mood");
            case "hangs" -> new CountDownLatch(1).await();
            default -> {}
        }
    }

    @Override
    public Receipt send(Reply reply) {
        return Receipt.sent();
    }
}
