"""Looks at a command in a terminal of its own: python3 TaskWatch.py KOSHI HOME."""
import codecs
import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time
import unicodedata

SIZES = [(24, 80), (10, 40), (60, 200), (3, 12)]


def wide(text):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


class Screen:
    def __init__(self, command):
        self.child, self.tty = pty.fork()
        if self.child == 0:
            os.environ["TERM"] = "xterm"
            os.execv(command[0], command)
        self.said = ""
        self.decoder = codecs.getincrementaldecoder("utf-8")()

    def resize(self, lines, columns):
        fcntl.ioctl(self.tty, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def press(self, keys):
        os.write(self.tty, keys.encode())

    def hear(self):
        if select.select([self.tty], [], [], 0.2)[0]:
            try:
                self.said += self.decoder.decode(os.read(self.tty, 1 << 16))
            except OSError:
                return False
        return True

    def frame(self, lines, columns, *words):
        """Waits for a frame of this size with these words in it and returns its lines."""
        end = time.time() + 60
        while time.time() < end:
            alive = self.hear()
            for frame in self.said.split("\x1b[H")[1:]:
                if "\x1b[J" in frame:
                    rows = [re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", row) for row in re.split(r"\r+\n", frame.split("\x1b[J")[0])]
                    if len(rows) == lines and wide(rows[0]) == columns and all(w in "\n".join(rows) for w in words):
                        assert all(wide(row) in (0, columns) for row in rows), rows
                        return rows
            self.said = self.said[-200000:]
            assert alive, "it ended: " + self.said[-2000:]
        raise SystemExit("no frame of %d x %d with %r in %r" % (lines, columns, words, self.said[-3000:]))


def main():
    screen = Screen([sys.argv[1], "--home", sys.argv[2], "task", "watch"])
    for lines, columns in SIZES:
        screen.resize(lines, columns)
        rows = screen.frame(lines, columns, "koshi")
    screen.resize(24, 80)
    rows = screen.frame(24, 80, "q quit", "the first", "the second")
    order = [row for row in rows[4:] if "the " in row]
    assert "the second" in order[0], rows  # the newest first
    screen.said = ""
    screen.press("\x1b[B")
    screen.frame(24, 80, "prompt of the first")
    screen.said = ""
    screen.press("x")
    screen.frame(24, 80, "cancel: done", "cancelled 1")
    screen.said = ""
    screen.press("f")
    screen.frame(24, 80, "[queued 1]", "prompt of the second")
    screen.press("q")
    end = time.time() + 60
    while screen.hear() and time.time() < end:
        pass
    assert screen.said.rstrip().endswith("\x1b[?25h\x1b[?1049l"), repr(screen.said[-100:])
    assert os.waitstatus_to_exitcode(os.waitpid(screen.child, 0)[1]) == 0
    print("fine")


main()
