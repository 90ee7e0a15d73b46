package io.koshi.service.exec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DenyFloorTest {
    private static final Path WORKSPACE = Path.of("/home/me/.koshi/workspace");
    private static final List<Path> KEPT = List.of(Path.of("/home/me/.koshi"), WORKSPACE);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sh -c id",
                "/bin/bash -c id",
                "./dash x.sh",
                "busybox sh",
                "zsh",
                "env sh -c id",
                "env -i git status",
                "/usr/bin/env python3",
                "sudo id",
                "nohup git gc",
                "setsid sleep 9",
                "xargs rm",
                "timeout 5 sh",
                "time git",
                "nice git",
                "bwrap --bind / / sh",
                "script -c id",
                "kill -9 1",
                "pkill java",
                "koshi stop",
                "./koshi stop",
                "/opt/koshi/koshi call hub.stop",
                "shutdown now",
                "systemctl stop koshi",
                "mkfs.ext4 /dev/sda",
                "docker run x",
                "python3 -c print(1)",
                "python3.11 -Bc print(1)",
                "perl -e 1",
                "perl -ne 1",
                "ruby -e 1",
                "node -e 1",
                "node --eval=1",
                "node -p 1",
                "php -r 1",
                "python3 -",
                "lua -e 1",
                "deno eval 1",
                "git -c core.pager=x log",
                "git -ccore.sshCommand=x fetch",
                "git --exec-path=/tmp x",
                "git clone --upload-pack=x y",
                "git clone ext::sh",
                "git fetch --upload-pack x",
                "git rebase -x make main",
                "git diff --ext-diff",
                "git grep -Oless x",
                "find . -exec sh {} ;",
                "find . -execdir x ;",
                "find . -ok x ;",
                "tar xf a --to-command=x",
                "tar --checkpoint-action=exec=x",
                "tar -Ix -cf a b",
                "rsync -e x a b",
                "rsync -ave x a b",
                "ssh -oProxyCommand=x h",
                "sort --compress-program=x",
                "rg --pre x y",
                "awk BEGIN{system(\"id\")}",
                "gawk \"x\"|getline",
                "sed s/a/b/e f",
                "sed e f",
                "sed -n 1e f",
                "rm -rf /",
                "rm -rf /home",
                "rm -r ..",
                "rm -r .",
                "rm -rf /home/me/.koshi",
                "chmod -R 777 /"
            })
    void refusesWhateverTheListsSay(String line) {
        assertThat(refusal(line)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "git status",
                "git commit -m sh",
                "git log --oneline -5",
                "git push origin main",
                "git diff HEAD~1 -- a.c",
                "python3 build.py -c x",
                "python3 -m pytest -q",
                "node index.js -e",
                "perl tidy.pl",
                "find . -name *.java",
                "tar czf a.tgz b",
                "rsync -a a b",
                "mvn -q verify",
                "make test",
                "rm -rf target",
                "rm a.txt",
                "sed -n 1,5p f",
                "sed s/e/f/g f",
                "sed -i s/else/other/ f",
                "awk {print} f",
                "grep -e sh f",
                "cargo test",
                "npm ci",
                "ls -la",
                "java -jar x.jar",
                "cp -r a b"
            })
    void letsThroughWhatIsPlain(String line) {
        assertThat(refusal(line)).isEmpty();
    }

    @Test
    void saysItInTheOlderSystemsWords() {
        assertThat(refusal("bash -c id").orElseThrow()).startsWith("shell execution is disabled by safety policy");
    }

    @Test
    void allowsExactlyAndDeniesWidely() {
        Rule push = Rule.parse("git push", "");
        Rule log = Rule.parse("git log *", "");

        assertThat(push.denies(words("git -C x push --force"))).isTrue();
        assertThat(push.denies(words("/usr/bin/git push"))).isTrue();
        assertThat(push.denies(words("git pull"))).isFalse();
        assertThat(log.allows(words("git log -5 --all"))).isTrue();
        assertThat(log.allows(words("git log"))).isFalse();
        assertThat(log.allows(words("./git log x"))).isFalse();
        assertThat(log.allows(words("git -C x log y"))).isFalse();
    }

    private static Optional<String> refusal(String line) {
        return DenyFloor.refusal(words(line), WORKSPACE, KEPT);
    }

    private static List<String> words(String line) {
        return List.of(line.split(" "));
    }
}
