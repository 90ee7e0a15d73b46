package io.koshi.model;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.osgi.service.component.annotations.ComponentPropertyType;

/**
 * The model's name, as service property {@value #PROPERTY}; the hub's configuration overrides it with the
 * name under {@code models}.
 */
@ComponentPropertyType
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface ModelName {
    String PREFIX_ = "koshi.";

    String PROPERTY = "koshi.model.name";

    String value();
}
