package io.koshi.router;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.osgi.service.component.annotations.ComponentPropertyType;

/**
 * The word a rule uses for an {@link Action}, as service property {@value #PROPERTY}. One that begins with a slash is a
 * command: a message of a trusted person that begins with it ({@code /approve 7Q2M}) is routed to the action before any
 * rule, alone, and the argument is the rest of its text.
 */
@ComponentPropertyType
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface ActionName {
    String PREFIX_ = "koshi.";

    String PROPERTY = "koshi.action.name";

    String value();
}
