package io.koshi.agent.internal;

import io.koshi.api.Problem;
import io.koshi.config.Config;
import io.koshi.config.ConfigCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;

/** Says which names of models in a configuration mean nothing. Thread-safe. */
@Component(name = "io.koshi.agent.check", service = ConfigCheck.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class AgentCheck implements ConfigCheck {
    @Activate
    public AgentCheck() {}

    @Override
    public List<Problem> check(Config candidate) {
        List<Problem> problems = new ArrayList<>();
        Set<String> names = new TreeSet<>(candidate.models().keySet());
        names.add(Chain.OFFLINE);
        candidate.agent().model().ifPresent(name -> known(names, name, "/agent/model", problems));
        List<String> fallback = candidate.agent().fallback();
        for (int i = 0; i < fallback.size(); i++) {
            known(names, fallback.get(i), "/agent/fallback/" + i, problems);
        }
        for (int i = 0; i < candidate.routes().size(); i++) {
            actions(names, candidate.routes().get(i).action(), "/routes/" + i + "/action", problems);
        }
        candidate.agent().subAgentModel().ifPresent(name -> known(names, name, "/agent/subAgentModel", problems));
        candidate
                .models()
                .forEach((name, model) -> Optional.ofNullable(model.get("price"))
                        .flatMap(Prices::fault)
                        .ifPresent(fault -> problems.add(new Problem("/models/" + name + "/price", fault))));
        return problems;
    }

    private static void actions(Set<String> names, Object action, String path, List<Problem> problems) {
        if (action instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                actions(names, list.get(i), path + "/" + i, problems);
            }
        } else if (action instanceof Map<?, ?> map) {
            if (map.get("forward") instanceof String name && !ForwardAction.MAIN.contains(name)) {
                known(names, name, path + "/forward", problems);
            }
            if (map.get("spawn") instanceof Map<?, ?> spawn && spawn.get("model") instanceof String name) {
                known(names, name, path + "/spawn/model", problems);
            }
        }
    }

    private static void known(Set<String> names, String name, String path, List<Problem> problems) {
        if (!names.contains(name) && !name.contains("{{")) {
            problems.add(new Problem(
                    path, "there is no model '" + name + "' under models; there are " + String.join(", ", names)));
        }
    }
}
