package io.koshi.itests;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.List;
import org.osgi.framework.Bundle;

/** The twin of a test object, made from the same class as its bundle in the container loads it. */
final class InsideStory {
    private InsideStory() {}

    /** Makes the twin. */
    static Object of(Bundle probe, Class<?> outside) {
        try {
            Constructor<?> constructor = probe.loadClass(outside.getName()).getDeclaredConstructor();
            constructor.setAccessible(true);
            return constructor.newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Cannot load " + outside + " in the container", e);
        }
    }

    /** Calls the twin's method of the same name; what it throws is thrown. */
    static void call(Object twin, Method outside, List<Object> arguments) throws Throwable {
        Method inside = twin.getClass().getDeclaredMethod(outside.getName(), outside.getParameterTypes());
        inside.setAccessible(true);
        try {
            inside.invoke(twin, arguments.toArray());
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
