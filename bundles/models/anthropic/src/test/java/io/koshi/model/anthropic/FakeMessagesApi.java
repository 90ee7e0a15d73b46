package io.koshi.model.anthropic;

import io.koshi.testkit.ScriptedHttp;

/** The wire of the Messages API, its errors too. */
final class FakeMessagesApi extends ScriptedHttp {
    void error(int status, String type, String message, String... headers) {
        json(
                status,
                "{\"type\":\"error\",\"error\":{\"type\":\"" + type + "\",\"message\":\"" + message
                        + "\"},\"request_id\":\"req_1\"}",
                headers);
    }
}
