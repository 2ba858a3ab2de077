"""A disk that is full at any one write, or from any one write on."""

import shutil
import subprocess
import sys

import pytest

import gitrack
from gitrack.record.recovery import recover
from gitrack.store.repository import Repository

#: Fails calls FIRST … LAST, counted over one process, that write below TARGET.
SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static long calls = 0;

static int full(const char *path) {
    const char *target = getenv("FULL_TARGET"), *owner = getenv("FULL_PID");
    if (!target || !path || strncmp(path, target, strlen(target))) return 0;
    if (owner && atol(owner) == 0) return 0;
    long call = __sync_add_and_fetch(&calls, 1);
    if (call < atol(getenv("FULL_FIRST")) || call > atol(getenv("FULL_LAST"))) return 0;
    errno = ENOSPC;
    return 1;
}
static int full_fd(int fd) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return full(path);
}
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
ssize_t write(int fd, const void *data, size_t count) {
    return full_fd(fd) ? -1 : REAL(write)(fd, data, count);
}
int mkdir(const char *path, mode_t mode) { return full(path) ? -1 : REAL(mkdir)(path, mode); }
int rename(const char *from, const char *to) { return full(to) ? -1 : REAL(rename)(from, to); }
#define OPEN(name)                                                                   \
    int name(const char *path, int flags, ...) {                                     \
        va_list rest; va_start(rest, flags);                                         \
        mode_t mode = (flags & O_CREAT) ? va_arg(rest, mode_t) : 0; va_end(rest);    \
        if ((flags & O_CREAT) && access(path, F_OK) && full(path)) return -1;        \
        return REAL(name)(path, flags, mode);                                        \
    }
OPEN(open)
OPEN(open64)
"""
TRAINING = """
import sys, gitrack
run = gitrack.init(project="p", id="r", config={"lr": 0.1})
for step in range(5):
    gitrack.log({"loss": 1.0 / (step + 1)})
    gitrack.log({"shape": gitrack.Histogram(np_histogram=([1, 2], [0, 1, 2]))})
    print("step", step)
run.summary["best"] = 0.2
sys.exit(7)
"""


@pytest.fixture(scope="module")
def shim(tmp_path_factory):
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("needs a C compiler on Linux")
    folder = tmp_path_factory.mktemp("shim")
    (folder / "full.c").write_text(SHIM)
    library = folder / "full.so"
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-o", library, folder / "full.c", "-ldl"], check=True
    )
    return library


@pytest.fixture
def train(shim, repository, tmp_path):
    import os

    script = tmp_path / "train.py"
    script.write_text(TRAINING)

    def run(first, last):
        environ = {
            **os.environ,
            "LD_PRELOAD": str(shim),
            "FULL_TARGET": str(repository / ".git"),
            "FULL_FIRST": str(first),
            "FULL_LAST": str(last),
        }
        return subprocess.run(
            [sys.executable, script],
            capture_output=True,
            text=True,
            check=False,
            env=environ,
            timeout=120,
        )

    return run


def check_training(done):
    assert done.returncode == 7
    assert done.stdout == "".join(f"step {step}\n" for step in range(5))
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("first", [*range(1, 31), 35, 40, 50, 60])
def test_a_disk_that_is_full_for_a_moment_costs_nothing(train, repository, rows_of, first):
    done = train(first, first + 1)
    check_training(done)
    # Where not even a folder could be made the run went to the user's own store, and said so.
    elsewhere = "recording in your own store" in done.stderr
    place = Repository.own_store() if elsewhere else Repository.find(repository)
    recover(place)
    loaded = gitrack.load("r", place.common_dir)
    assert [values for _, values in rows_of(loaded) if values] == [
        {"loss": 1.0 / (step + 1)} for step in range(5)
    ]
    assert loaded.summary["best"] == 0.2
    assert loaded.run.state == "failed"
    assert loaded.run.exit_code == 7


@pytest.mark.parametrize("first", [1, 2, 3, 5, 8, 12, 18, 25, 35])
def test_a_disk_that_stays_full_is_said_and_ends_no_training(train, first):
    done = train(first, 10**9)
    check_training(done)
    assert "gitrack:" in done.stderr
