package example.model.eliza;

import io.koshi.api.Part;
import io.koshi.model.Model;
import io.koshi.model.ModelAnswer;
import io.koshi.model.ModelMessage;
import io.koshi.model.ModelName;
import io.koshi.model.ModelRequest;
import io.koshi.model.Usage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;

/** A model: Weizenbaum's listener of 1966, in its shortest form. */
@Component(name = "example.model.eliza", configurationPolicy = ConfigurationPolicy.REQUIRE)
@ModelName("eliza")
public final class Eliza implements Model {
    private static final Map<Pattern, String> SCRIPT = new LinkedHashMap<>();

    static {
        SCRIPT.put(Pattern.compile("(?i).*\\bi need (.+?)[.!?]*$"), "Why do you need %s?");
        SCRIPT.put(Pattern.compile("(?i).*\\bi am (.+?)[.!?]*$"), "How long have you been %s?");
        SCRIPT.put(Pattern.compile("(?i).*\\bmy (mother|father|family)\\b.*"), "Tell me more about your %s.");
        SCRIPT.put(Pattern.compile("(?i).*\\bbecause\\b(.*)"), "Is that the real reason?");
    }

    @Override
    public ModelAnswer stream(ModelRequest request, Consumer<String> deltas) {
        String answer = answer(lastWords(request.messages()));
        for (String word : answer.split("(?<= )")) {
            deltas.accept(word);
        }
        return new ModelAnswer(answer, List.of(), ModelAnswer.Stop.END, Usage.NONE, "eliza-1966");
    }

    private static String lastWords(List<ModelMessage> messages) {
        ModelMessage last = messages.get(messages.size() - 1);
        boolean words = last instanceof ModelMessage.User user && user.parts().get(0) instanceof Part.Text;
        return words ? ((Part.Text) ((ModelMessage.User) last).parts().get(0)).text() : "";
    }

    private static String answer(String said) {
        for (var line : SCRIPT.entrySet()) {
            Matcher match = line.getKey().matcher(said);
            if (match.matches()) {
                return String.format(line.getValue(), match.group(1));
            }
        }
        return "Please go on.";
    }
}
