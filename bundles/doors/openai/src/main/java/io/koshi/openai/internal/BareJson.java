package io.koshi.openai.internal;

import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Takes the code fence off that models put around JSON however they are asked not to. */
final class BareJson {
    private static final Pattern FENCE = Pattern.compile("\\s*```[a-zA-Z]*\\s*\\n(.*)\\n\\s*```\\s*", Pattern.DOTALL);

    private BareJson() {}

    /** What is in the fence, where that is JSON; else the text as it was. */
    static String of(String text, Codec codec) {
        Matcher fenced = FENCE.matcher(text);
        if (!fenced.matches()) {
            return text;
        }
        try {
            codec.parseJson(fenced.group(1).getBytes(StandardCharsets.UTF_8));
            return fenced.group(1).strip();
        } catch (KoshiException noJson) {
            return text;
        }
    }
}
