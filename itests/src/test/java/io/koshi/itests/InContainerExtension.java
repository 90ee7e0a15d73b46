package io.koshi.itests;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.ops4j.pax.exam.ExamSystem;
import org.ops4j.pax.exam.TestProbeBuilder;
import org.ops4j.pax.exam.nat.internal.NativeTestContainer;
import org.ops4j.pax.exam.spi.PaxExamRuntime;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.wiring.FrameworkWiring;

/**
 * Drives Pax Exam, which has no driver for JUnit 5: starts one container a class, puts the class into it as a bundle,
 * and calls each method of a test in there instead of here. See {@link InContainer}.
 */
public final class InContainerExtension
        implements BeforeAllCallback, AfterAllCallback, InvocationInterceptor, ParameterResolver {
    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(InContainerExtension.class);

    private record Running(NativeTestContainer container, Bundle probe) {}

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        Class<?> story = context.getRequiredTestClass();
        boolean isolated = !Boolean.parseBoolean(System.getProperty("koshi.connect", "true"));
        Path home = Files.createTempDirectory("koshi-house");
        Files.writeString(
                home.resolve("koshi.yaml"),
                story.getAnnotation(InContainer.class).config());
        HouseOptions options = new HouseOptions(home, isolated);
        ExamSystem system = PaxExamRuntime.createServerSystem(options.all());
        NativeTestContainer container = new NativeTestContainer(system, options.framework());
        container.start();
        Bundle house = container.getSystemBundle();
        house.adapt(FrameworkWiring.class).resolveBundles(null);
        TestProbeBuilder probe = system.createProbe();
        probe.setHeader("DynamicImport-Package", "*");
        probe.addTest(story, "each"); // names the class to pack; we call its methods ourselves
        long id = container.install(probe.build().getStream());
        Running running = new Running(container, house.getBundleContext().getBundle(id));
        context.getStore(NAMESPACE).put(Running.class, running);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        Running running = context.getStore(NAMESPACE).get(Running.class, Running.class);
        if (running != null) {
            running.container().stop();
        }
    }

    @Override
    public void interceptBeforeEachMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        callInside(invocation, method, context);
    }

    @Override
    public void interceptTestMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        callInside(invocation, method, context);
    }

    @Override
    public void interceptAfterEachMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        callInside(invocation, method, context);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == BundleContext.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return running(context).probe().getBundleContext();
    }

    /** One object a test in there, as JUnit makes one out here. */
    private static void callInside(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        invocation.skip();
        Bundle probe = running(context).probe();
        Object story = context.getStore(NAMESPACE)
                .getOrComputeIfAbsent("story", key -> InsideStory.of(probe, context.getRequiredTestClass()));
        InsideStory.call(story, method.getExecutable(), method.getArguments());
    }

    private static Running running(ExtensionContext context) {
        return context.getStore(NAMESPACE).get(Running.class, Running.class);
    }
}
