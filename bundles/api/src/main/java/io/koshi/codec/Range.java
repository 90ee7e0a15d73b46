package io.koshi.codec;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The least and greatest value of a number, or length of a string, list or map. */
@Retention(RetentionPolicy.RUNTIME)
// the field too: bnd finds imports there, and an annotation whose package is not imported is not there at run time
@Target({ElementType.RECORD_COMPONENT, ElementType.FIELD})
public @interface Range {
    long min() default Long.MIN_VALUE;

    long max() default Long.MAX_VALUE;
}
