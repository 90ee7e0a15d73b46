package io.koshi.router.internal;

import io.koshi.api.Problem;
import io.koshi.config.Config;
import io.koshi.config.ConfigCheck;
import io.koshi.router.Action;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Says what is wrong with {@code routes} before they hold. Thread-safe. */
@Component(
        name = "io.koshi.router.check",
        service = ConfigCheck.class,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class RouteCheck implements ConfigCheck {
    private final ActionTable actions;

    @Activate
    public RouteCheck(@Reference ActionTable actions) {
        this.actions = actions;
    }

    @Override
    public List<Problem> check(Config candidate) {
        return problems(RuleTable.compile(candidate.routes(), candidate.default_()), candidate.routes(), actions);
    }

    /** The rules' own faults, then their actions': unknown, not installed, or with a wrong argument. */
    static List<Problem> problems(RuleTable table, List<Config.RouteBlock> routes, ActionTable actions) {
        List<Problem> problems = new ArrayList<>(table.problems());
        for (int i = 0; i < routes.size(); i++) {
            String at = "/routes/" + i + "/action";
            List<Rule.Step> steps = new ActionReader(new Paths(), new Faults())
                    .read(routes.get(i).action(), at);
            for (int s = 0; s < steps.size(); s++) {
                String word = steps.get(s).action();
                String place = routes.get(i).action() instanceof List<?> list && list.size() == steps.size()
                        ? at + "/" + s
                        : at;
                if (!word.equals(ActionReader.DROP)) {
                    check(word, steps.get(s).argument().argument(), place, actions, problems);
                }
            }
        }
        return problems;
    }

    private static void check(String word, Object argument, String at, ActionTable actions, List<Problem> problems) {
        Optional<Action> action = actions.find(word);
        String path = at + Faults.step(word);
        if (action.isPresent()) {
            action.get().check(argument).forEach(p -> problems.add(new Problem(path + p.path(), p.problem())));
        } else if (ActionReader.WORDS.contains(word)) {
            problems.add(
                    new Problem(path, "the room that does '" + word + "' is not installed; add it or change the rule"));
        } else {
            TreeSet<String> known = new TreeSet<>(actions.words());
            known.addAll(ActionReader.WORDS);
            problems.add(new Problem(
                    path,
                    "no action is called '" + word + "'" + Faults.nearest(word, known) + " There are "
                            + String.join(", ", known)));
        }
    }
}
