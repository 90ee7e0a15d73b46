package io.koshi.router.internal;

import java.util.List;
import java.util.OptionalInt;

/**
 * One routing rule, ready to be applied; immutable.
 *
 * @param index its place in the configuration, from 0; the number of rules for the default
 * @param label its name, {@code #n} counted from 1, or {@code default}
 * @param steps what is done, in order
 * @param priority given to the messages it matches, where the rule says one
 */
record Rule(int index, String label, Condition.All match, List<Step> steps, OptionalInt priority) {
    static final String DEFAULT = "default";

    /** One action with its argument. */
    record Step(String action, Form argument) {}

    /** The words of its actions. */
    List<String> actions() {
        return steps.stream().map(Step::action).toList();
    }
}
