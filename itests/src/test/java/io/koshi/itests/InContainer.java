package io.koshi.itests;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The test methods of the class run inside the house: a real Felix with every core bundle of the features, one per
 * class. The build runs them twice, with the core bundles on a flat class path and isolated. Methods, {@code BeforeEach}
 * and {@code AfterEach} among them, may take the {@link org.osgi.framework.BundleContext} of the bundle that the class
 * is put into. A field holds in there what was put into it in there.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(InContainerExtension.class)
@Tag("both")
public @interface InContainer {
    /** koshi.yaml of the house. */
    String config() default "http: { port: 0 }\n";
}
