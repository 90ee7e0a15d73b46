package io.koshi.service.exec;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What no list, mode or approval lifts: shells, programs that only start another one, and options by which a program
 * that is allowed starts one that is not. It is a list of known ways, and keeps what was approved to what was read by the
 * person who approved; the wall is the {@link Sandbox}.
 */
final class DenyFloor {
    private static final String NO_SHELL =
            "shell execution is disabled by safety policy: give the program and its arguments one by one, and run one after"
                    + " another instead of joining them";

    private static final Set<String> SHELLS = Set.of(
            "sh",
            "bash",
            "rbash",
            "dash",
            "ash",
            "zsh",
            "ksh",
            "mksh",
            "fish",
            "csh",
            "tcsh",
            "busybox",
            "toybox",
            "pwsh",
            "powershell",
            "cmd",
            "elvish",
            "nu",
            "xonsh");

    private static final Set<String> STARTERS = Set.of(
            "env",
            "sudo",
            "su",
            "doas",
            "pkexec",
            "runuser",
            "setsid",
            "setpriv",
            "nohup",
            "nice",
            "ionice",
            "chrt",
            "taskset",
            "timeout",
            "stdbuf",
            "unbuffer",
            "script",
            "time",
            "xargs",
            "parallel",
            "watch",
            "flock",
            "unshare",
            "nsenter",
            "chroot",
            "bwrap",
            "firejail",
            "systemd-run",
            "prlimit",
            "strace",
            "ltrace",
            "gdb",
            "perf",
            "start-stop-daemon",
            "at",
            "batch",
            "crontab",
            "screen",
            "tmux",
            "dtach",
            "expect",
            "ssh-agent",
            "dbus-run-session",
            "faketime",
            "fakeroot",
            "proot",
            "socat");

    private static final Set<String> OF_THE_MACHINE = Set.of(
            "koshi",
            "kill",
            "pkill",
            "killall",
            "skill",
            "fuser",
            "shutdown",
            "reboot",
            "halt",
            "poweroff",
            "init",
            "telinit",
            "systemctl",
            "service",
            "loginctl",
            "mount",
            "umount",
            "mkfs",
            "fdisk",
            "parted",
            "swapoff",
            "insmod",
            "modprobe",
            "rmmod",
            "iptables",
            "nft",
            "passwd",
            "chpasswd",
            "useradd",
            "usermod",
            "userdel",
            "visudo",
            "setcap",
            "docker",
            "podman",
            "kubectl",
            "nc",
            "ncat",
            "netcat",
            "telnet");

    private static final Pattern INTERPRETER = Pattern.compile(
            "(python|perl|ruby|node|nodejs|deno|bun|php|lua|luajit|tclsh|rscript|guile|osascript|groovy|jshell|irb)[0-9.]*");
    private static final Pattern INLINE =
            Pattern.compile("-[a-zA-Z]*[cepEr]|--eval(=.*)?|--print(=.*)?|--execute(=.*)?|--run(=.*)?|eval");

    /** By program, options that make it start another. */
    private static final Map<String, Pattern> LAUNCHING = Map.of(
            "git",
                    Pattern.compile(
                            "-c|-c.+=.*|--config-env(=.*)?|--exec-path=.*|--upload-pack(=.*)?|--receive-pack(=.*)?|"
                                    + "--exec(=.*)?|-x|ext::.*|--ext-diff|--extcmd(=.*)?|-u.+|.*ext::.*|--open-files-in-pager(=.*)?|-O.*"),
            "find", Pattern.compile("-(exec|execdir|ok|okdir)"),
            "fd", Pattern.compile("-x.*|-X.*|--exec(-batch)?(=.*)?"),
            "tar",
                    Pattern.compile("--to-command(=.*)?|--checkpoint-action(=.*)?|-I.*|--use-compress-program(=.*)?|"
                            + "--rsh-command(=.*)?|-F.*|--info-script(=.*)?|--new-volume-script(=.*)?"),
            "rsync", Pattern.compile("-[a-zA-Z]*e.*|--rsh(=.*)?|--rsync-path(=.*)?"),
            "ssh", Pattern.compile("-o.*|-F.*"),
            "scp", Pattern.compile("-o.*|-F.*|-S.*"),
            "zip", Pattern.compile("-TT.*|--unzip-command(=.*)?"),
            "sort", Pattern.compile("--compress-program(=.*)?"),
            "rg", Pattern.compile("--pre(=.*)?|--hostname-bin(=.*)?"));

    private DenyFloor() {}

    /**
     * Why a call may never be made.
     *
     * @param directory where it would run
     * @param kept directories it must not remove
     */
    static Optional<String> refusal(List<String> argv, Path directory, List<Path> kept) {
        String name = Rule.name(argv.get(0));
        if (SHELLS.contains(name)) {
            return Optional.of(NO_SHELL);
        }
        if (STARTERS.contains(name)) {
            return Optional.of("'" + name + "' only starts another program: name that one");
        }
        if (OF_THE_MACHINE.contains(name) || name.startsWith("mkfs.")) {
            return Optional.of("'" + name + "' is no tool for an agent");
        }
        if (INTERPRETER.matcher(name).matches() && argv.size() > 1 && inline(argv)) {
            return Optional.of(
                    "'" + name + "' is not given code in its arguments: write it to a file, which can be looked at");
        }
        if (Set.of("awk", "gawk", "mawk", "nawk").contains(name)
                && argv.stream().anyMatch(w -> w.matches("(?s).*(system\\s*\\(|\\|\\s*getline|\\|\\s*\"|@load).*"))) {
            return Optional.of(NO_SHELL);
        }
        if (name.equals("sed") && argv.stream().skip(1).anyMatch(DenyFloor::sedRuns)) {
            return Optional.of(NO_SHELL);
        }
        Pattern launching = LAUNCHING.get(name);
        if (launching != null) {
            for (String word : argv.subList(1, argv.size())) {
                if (launching.matcher(word).matches()) {
                    return Optional.of("'" + word + "' lets " + name + " start another program, or could");
                }
            }
        }
        return name.equals("rm") || name.equals("rmdir") || name.equals("chmod") || name.equals("chown")
                ? removal(argv, directory, kept)
                : Optional.empty();
    }

    /** Options before the first file are the interpreter's own. */
    private static boolean inline(List<String> argv) {
        for (String word : argv.subList(1, argv.size())) {
            if (INLINE.matcher(word).matches()) {
                return true;
            }
            if (!word.startsWith("-")) {
                return false;
            }
        }
        return argv.get(argv.size() - 1).equals("-");
    }

    /** The commands and flags of GNU sed that run a program. */
    private static boolean sedRuns(String word) {
        return word.matches("(?s)(.*[;{}\\n])?\\s*[0-9$,/!~+]*\\s*e(\\s.*)?")
                || word.matches("(?s).*s(.).*\\1.*\\1[a-zA-Z0-9]*e[a-zA-Z0-9]*.*");
    }

    private static Optional<String> removal(List<String> argv, Path directory, List<Path> kept) {
        for (String word : argv.subList(1, argv.size())) {
            if (!word.startsWith("-")) {
                Path path = directory.resolve(word).normalize();
                if (kept.stream().anyMatch(own -> own.startsWith(path))) {
                    return Optional.of("'" + word + "' is, or has in it, what the hub or this machine lives on");
                }
            }
        }
        return Optional.empty();
    }
}
