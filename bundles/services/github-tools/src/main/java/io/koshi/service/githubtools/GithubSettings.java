package io.koshi.service.githubtools;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.AttributeType;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** What koshi.yaml says of GitHub, under {@code tools.github-tools} or in the plugin's entry. */
@ObjectClassDefinition(name = "GitHub tools", description = "Tools that read GitHub and comment there.")
@interface GithubSettings {
    @AttributeDefinition(
            type = AttributeType.PASSWORD,
            description = "A fine-grained token; public repositories can be read without.")
    String token() default "";

    @AttributeDefinition(
            description = "Repositories that may be asked: owner/name, or owner/*; any where nothing is said.",
            required = false)
    String[] repositories() default {};

    @AttributeDefinition(description = "Where the API is; an enterprise server has its own.")
    String endpoint() default "https://api.github.com";

    @AttributeDefinition(description = "Seconds an answer may take.")
    int timeoutSeconds() default 20;
}
