package io.koshi.socket;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.osgi.service.component.annotations.ComponentPropertyType;

/** Where the route is, as service property {@value #PROPERTY}; begins with a slash. */
@ComponentPropertyType
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface SocketPath {
    String PREFIX_ = "koshi.";

    String PROPERTY = "koshi.socket.path";

    String value();
}
