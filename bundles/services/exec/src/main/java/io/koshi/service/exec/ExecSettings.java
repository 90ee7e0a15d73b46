package io.koshi.service.exec;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** What koshi.yaml says of programs, under {@code tools.exec} or in the plugin's entry. */
@ObjectClassDefinition(name = "Exec", description = "A tool that runs programs.")
@interface ExecSettings {
    @AttributeDefinition(
            description = "Programs with the first of their arguments: git, or git log; * is any one word.",
            required = false)
    String[] allow() default {};

    @AttributeDefinition(
            description = "Programs nobody may run: git push is denied with any options in between.",
            required = false)
    String[] deny() default {};

    @AttributeDefinition(
            description =
                    "By a skill's name: { allow, deny }. Its allow list is in place of the one for all; its deny list"
                            + " adds to it.",
            required = false)
    String skills() default "";

    @AttributeDefinition(description = "Seconds a program may run.")
    int timeoutSeconds() default 60;

    @AttributeDefinition(description = "Memory each of its processes may use, in MB.")
    int memoryMB() default 512;

    @AttributeDefinition(description = "The largest file it may write, in MB.")
    int fileMB() default 256;

    @AttributeDefinition(description = "Whether it may reach the network.")
    boolean network() default false;

    @AttributeDefinition(
            description =
                    "auto takes bubblewrap, or a process namespace where that is missing, or nothing; bubblewrap and"
                            + " namespace refuse to run without it; none does without.")
    String sandbox() default "auto";

    @AttributeDefinition(
            description = "Whose words a program prints: high, medium or low; low where it may reach the network.")
    String trust() default "";
}
