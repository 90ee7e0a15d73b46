package io.koshi.cli;

import java.util.List;
import java.util.stream.Collectors;

/** {@code koshi completion SHELL}: a script for the shell, made from the same pages as the help. */
final class Completion {
    private static final String DAEMON = "start stop restart status reload logs";
    private static final List<String> GLOBAL = List.of("--home", "--json", "--no-start", "--help");

    private Completion() {}

    static int run(Words words, Invocation call) {
        String shell = words.next("a shell: bash, zsh or fish");
        words.done();
        call.out()
                .print(
                        switch (shell) {
                            case "bash" -> bash();
                            case "zsh" -> zsh();
                            case "fish" -> fish();
                            default ->
                                throw Failure.usage(
                                        "There is completion for bash, zsh and fish, not for '" + shell + "'.");
                        });
        return 0;
    }

    /** The words a usage offers as {@code a|b|c} in its second place. */
    private static List<String> verbs(Help.Page page) {
        String[] words = page.usage().split(" ");
        boolean choice = words.length > 1 && words[1].matches("\\[?[a-z]+(\\|[a-z]+)+]?");
        return choice ? List.of(words[1].replaceAll("[\\[\\]]", "").split("\\|")) : List.of();
    }

    private static String names() {
        return Help.pages().stream().map(Help.Page::name).collect(Collectors.joining(" "));
    }

    private static String bash() {
        StringBuilder out =
                new StringBuilder("# koshi completion for bash: source <(koshi completion bash)\n_koshi() {\n");
        out.append("    local word=${COMP_WORDS[COMP_CWORD]} command= i\n");
        out.append("    for ((i = 1; i < COMP_CWORD; i++)); do\n");
        out.append(
                "        case ${COMP_WORDS[i]} in --home) ((i++)) ;; -*) ;; *) command=${COMP_WORDS[i]}; break ;; esac\n");
        out.append("    done\n    local words\n    case $command in\n");
        out.append("        '') words=\"")
                .append(names())
                .append(' ')
                .append(String.join(" ", GLOBAL))
                .append("\" ;;\n");
        for (Help.Page page : Help.pages()) {
            out.append("        ").append(page.name()).append(") words=\"");
            out.append(String.join(" ", verbs(page)))
                    .append(' ')
                    .append(String.join(" ", GLOBAL))
                    .append("\" ;;\n");
        }
        out.append("        help) words=\"").append(names()).append("\" ;;\n");
        out.append("        daemon) words=\"").append(DAEMON).append("\" ;;\n");
        out.append("    esac\n    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n");
        out.append("    [[ ${COMP_WORDS[COMP_CWORD-1]} == --home ]] && COMPREPLY=($(compgen -d -- \"$word\"))\n");
        return out.append("}\ncomplete -o default -F _koshi koshi\n").toString();
    }

    private static String zsh() {
        StringBuilder out =
                new StringBuilder("#compdef koshi\n# koshi completion for zsh: source <(koshi completion zsh)\n");
        out.append("_koshi() {\n    local -a commands\n    commands=(\n");
        for (Help.Page page : Help.pages()) {
            out.append("        '")
                    .append(page.name())
                    .append(':')
                    .append(page.summary().replace("'", "'\\''"))
                    .append("'\n");
        }
        out.append(
                "    )\n    if ((CURRENT == 2)); then\n        _describe command commands\n        return\n    fi\n");
        out.append("    case $words[2] in\n");
        for (Help.Page page : Help.pages()) {
            if (!verbs(page).isEmpty()) {
                out.append("        ").append(page.name()).append(") ((CURRENT == 3)) && compadd -- ");
                out.append(String.join(" ", verbs(page))).append(" ;;\n");
            }
        }
        out.append("        help) ((CURRENT == 3)) && compadd -- ")
                .append(names())
                .append(" ;;\n");
        out.append("        daemon) ((CURRENT == 3)) && compadd -- ")
                .append(DAEMON)
                .append(" ;;\n");
        out.append("    esac\n    _files\n}\n");
        return out.append("compdef _koshi koshi\n").toString();
    }

    private static String fish() {
        StringBuilder out = new StringBuilder("# koshi completion for fish: koshi completion fish | source\n");
        out.append("complete -c koshi -l home -r -d 'Where the hub keeps everything'\n");
        out.append("complete -c koshi -l json -d 'Print payloads as they come'\n");
        out.append("complete -c koshi -l no-start -d 'Never start the hub'\n");
        out.append("complete -c koshi -n '__fish_seen_subcommand_from help' -a '")
                .append(names())
                .append("'\n");
        out.append("complete -c koshi -n '__fish_seen_subcommand_from daemon' -a '")
                .append(DAEMON)
                .append("'\n");
        for (Help.Page page : Help.pages()) {
            String summary = page.summary().replace("'", "\\'");
            out.append("complete -c koshi -n __fish_use_subcommand -a ").append(page.name());
            out.append(" -d '").append(summary).append("'\n");
            if (!verbs(page).isEmpty()) {
                out.append("complete -c koshi -n '__fish_seen_subcommand_from ").append(page.name());
                out.append("' -a '").append(String.join(" ", verbs(page))).append("'\n");
            }
        }
        return out.toString();
    }
}
