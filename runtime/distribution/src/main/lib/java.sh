# Sourced by bin/koshi and bin/koshi-daemon: which Java, which class path, which class archive. It starts no process
# on the usual way, for a command of the hub is answered in the time that three processes take.

# Sets java (the program) and jdk (its exact build, empty when unknown), or ends with a sentence that says what to do.
find_java() {
    if [ -n "${JAVA_HOME:-}" ] && [ -x "$JAVA_HOME/bin/java" ]; then
        java=$JAVA_HOME/bin/java
    elif java=$(command -v java); then
        [ ! -L "$java" ] || java=$(readlink -f "$java")
    else
        echo "Koshi needs Java 17 or newer: install one, or name it with JAVA_HOME." >&2
        exit 1
    fi
    jdk=
    release=${java%/bin/java}/release
    if [ -r "$release" ]; then
        while IFS='=' read -r key value; do
            [ "$key" != JAVA_RUNTIME_VERSION ] || jdk=${value#\"}
        done <"$release"
        jdk=${jdk%\"}
    fi
    major=${jdk%%[!0-9]*}
    if [ -n "$major" ] && [ "$major" -lt 17 ]; then
        echo "Koshi needs Java 17 or newer, and $java is $jdk: name a newer one with JAVA_HOME." >&2
        exit 1
    fi
}

# Sets classpath: the jars that a list in a directory names, in its order.
class_path() {
    classpath=
    while read -r jar; do
        classpath=${classpath:+$classpath:}$1/$jar
    done <"$1/$2"
}

# find_archive NAME MAKE DIRECTORY... sets archive to the flag that uses a class archive from the first directory that
# has it; else, where MAKE is yes, to the flag that makes one at exit in the first directory that can be written, and
# making to that file. Who runs without an error touches that file's name with .good added.
find_archive() {
    name=$1-$jdk-$build
    make=$2
    shift 2
    archive=
    making=
    [ "${KOSHI_ARCHIVE:-}" != off ] && [ -n "$jdk" ] || return 0
    if [ "$major" -ge 25 ]; then
        name=$name.aot use=-XX:AOTCache write=-XX:AOTCacheOutput
    else
        name=$name.jsa use=-XX:SharedArchiveFile write=-XX:ArchiveClassesAtExit
    fi
    for directory; do
        adopt "$directory/$name"
        if [ -e "$directory/$name" ]; then
            archive=$use=$directory/$name
            return 0
        fi
    done
    [ "$make" = yes ] && [ "${KOSHI_ARCHIVE:-}" != use ] || return 0
    for directory; do
        if mkdir -p "$directory" 2>/dev/null && [ -w "$directory" ]; then
            making=$directory/$name.try.$$
            archive=$write=$making
            return 0
        fi
    done
}

# Takes an archive into use that an earlier run left beside its mark, and throws away what a run left that went wrong.
# The JVM writes an archive's header last, so one that begins with zeros was never finished.
adopt() {
    for try in "$1".try.*; do
        pid=${try##*.try.}
        case $pid in *[!0-9]*) continue ;; esac
        ! kill -0 "$pid" 2>/dev/null || continue
        if [ -e "$try.good" ] && [ -s "$try" ] && [ "$(od -An -N4 -tx4 "$try")" != " 00000000" ]; then
            mv -f "$try" "$1"
        else
            rm -f "$try"
        fi
        rm -f "$try.good"
    done
}

# Where the locale has no UTF-8 (LANG=C, cron, systemd) Java can name no file such as "Grüße" and prints "?" for it.
speak_utf8() {
    case ${LC_ALL:-${LC_CTYPE:-${LANG:-}}} in
        *[Uu][Tt][Ff]8 | *[Uu][Tt][Ff]-8) return 0 ;;
    esac
    if [ -n "${LC_ALL:-}" ]; then
        export LC_ALL=C.UTF-8
    else
        export LC_CTYPE=C.UTF-8
    fi
}

# Java ends without a word in a directory that was deleted.
here() {
    [ . -ef "${PWD:-/nowhere}" ] || {
        echo "The directory you are in is no longer there: go to another one, and try again." >&2
        exit 1
    }
}

read -r build <"$dist/lib/build"
here
speak_utf8
find_java
