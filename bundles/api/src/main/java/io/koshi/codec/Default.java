package io.koshi.codec;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The value of a record component that was left out, as JSON text ({@code "7"}, {@code "info"}, {@code "[]"}). */
@Retention(RetentionPolicy.RUNTIME)
// the field too: bnd finds imports there, and an annotation whose package is not imported is not there at run time
@Target({ElementType.RECORD_COMPONENT, ElementType.FIELD})
public @interface Default {
    String value();
}
