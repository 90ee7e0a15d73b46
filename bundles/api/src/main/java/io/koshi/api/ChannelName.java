package io.koshi.api;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.osgi.service.component.annotations.ComponentPropertyType;

/**
 * The channel's name, as service property {@value #PROPERTY}; a second instance is configured as {@code
 * name~instance}, and the hub's configuration then overrides the property.
 */
@ComponentPropertyType
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface ChannelName {
    String PREFIX_ = "koshi.";

    /** The property that this annotation sets. */
    String PROPERTY = "koshi.channel.name";

    String value();
}
