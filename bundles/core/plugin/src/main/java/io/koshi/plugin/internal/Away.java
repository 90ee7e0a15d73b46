package io.koshi.plugin.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.HttpProblem;
import io.koshi.api.KoshiException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;

/** Answers in place of a servlet that will be back. Thread-safe. */
final class Away extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    @Override
    protected void service(HttpServletRequest ask, HttpServletResponse answer) throws IOException {
        HttpProblem problem = HttpProblem.of(new KoshiException(
                ErrorCode.SERVICE_UNAVAILABLE, "the plugin that serves this path is being replaced: send it again"));
        answer.setStatus(problem.status());
        answer.setContentType(HttpProblem.MEDIA_TYPE);
        answer.setHeader("Retry-After", Long.toString(PATIENCE.toSeconds()));
        answer.getOutputStream().write(problem.json());
    }
}
