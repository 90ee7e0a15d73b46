package io.koshi.service.files;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** What koshi.yaml says of files, under {@code tools.files} or in the plugin's entry. */
@ObjectClassDefinition(name = "Files", description = "Tools that read, write and search files.")
@interface FilesSettings {
    @AttributeDefinition(description = "Absolute directories besides the workspace.", required = false)
    String[] extra() default {};

    @AttributeDefinition(
            description = "Globs of paths nobody may read or write, for example **/.env; relative to where they lie.",
            required = false)
    String[] deny() default {};

    @AttributeDefinition(description = "The largest file that is read or edited, in KB.")
    int maxKB() default 5120;

    @AttributeDefinition(
            description = "How far the words in files are trusted: high, medium or low. What a run wrote that had read"
                    + " untrusted text is low anyway, as long as it is unchanged.")
    String trust() default "medium";
}
