package io.koshi.itests;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.ops4j.pax.exam.ExamSystem;
import org.ops4j.pax.exam.TestAddress;
import org.ops4j.pax.exam.TestContainer;
import org.ops4j.pax.exam.TestProbeBuilder;
import org.ops4j.pax.exam.nat.internal.NativeTestContainer;
import org.ops4j.pax.exam.spi.PaxExamRuntime;
import org.osgi.framework.BundleContext;

/**
 * Drives Pax Exam, which has no driver for JUnit 5: starts one container a class, puts the class into it as a bundle,
 * and calls each test method in there instead of here. See {@link InContainer}.
 */
public final class InContainerExtension
        implements BeforeAllCallback, AfterAllCallback, InvocationInterceptor, ParameterResolver {
    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(InContainerExtension.class);

    private record Running(TestContainer container, Map<String, TestAddress> tests) {}

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        Class<?> story = context.getRequiredTestClass();
        boolean isolated = !Boolean.parseBoolean(System.getProperty("koshi.connect", "true"));
        Path home = Files.createTempDirectory("koshi-house");
        Files.writeString(
                home.resolve("koshi.yaml"), story.getAnnotation(InContainer.class).config());
        HouseOptions options = new HouseOptions(home, isolated);
        ExamSystem system = PaxExamRuntime.createServerSystem(options.all());
        TestProbeBuilder probe = system.createProbe();
        probe.setHeader("DynamicImport-Package", "*");
        Map<String, TestAddress> tests = new HashMap<>();
        for (Method method : story.getDeclaredMethods()) {
            if (method.isAnnotationPresent(Test.class)) {
                tests.put(method.getName(), probe.addTest(story, method.getName()));
            }
        }
        TestContainer container = new NativeTestContainer(system, options.framework());
        context.getStore(NAMESPACE).put(Running.class, new Running(container, tests));
        container.start();
        container.install(probe.build().getStream());
    }

    @Override
    public void afterAll(ExtensionContext context) {
        running(context).container().stop();
    }

    @Override
    public void interceptTestMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        invocation.skip();
        Running running = running(context);
        try {
            running.container().call(running.tests().get(method.getExecutable().getName()));
        } catch (RuntimeException wrapped) {
            throw cause(wrapped);
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == BundleContext.class;
    }

    /** Null out here: the real one is given in the container. */
    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return null;
    }

    private static Throwable cause(Throwable wrapped) {
        Throwable cause = wrapped;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    private static Running running(ExtensionContext context) {
        return context.getStore(NAMESPACE).get(Running.class, Running.class);
    }
}
