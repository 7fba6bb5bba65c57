#!/bin/sh
# Runs the tests another way than every day:
#
#     sh tests/check/under.sh threads  [CTEST ARGUMENTS]    under ThreadSanitizer
#     sh tests/check/under.sh valgrind [CTEST ARGUMENTS]    under valgrind, also what Node.js starts
#     sh tests/check/under.sh coverage [CTEST ARGUMENTS]    and prints which lines and branches they took
#
# Without arguments: all tests but the checks of style.  Exits with ctest's code, or 1 where valgrind found
# something.
set -eu
[ $# -ge 1 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
how=$1
shift
cd "$(dirname "$0")/../.."
case $how in
threads) sh toolchains/install.sh build test ;;
valgrind | coverage) sh toolchains/install.sh build test "$how" ;;
*) echo "under.sh: threads, valgrind or coverage, not $how" >&2; exit 2 ;;
esac

cmake --preset "$how" >/dev/null
cmake --build --preset "$how"
build=build/$how
[ "$how" != coverage ] || find "$build" -name '*.gcda' -delete
rm -f "$build"/under/log.*
[ $# -gt 0 ] || set -- -LE check
code=0
ctest --preset "$how" "$@" || code=$?

# Of programs that Node.js started: a test may not look at how each one ended.
for log in "$build"/under/log.*; do
    if [ -s "$log" ]; then
        cat "$log"
        code=1
    fi
done

if [ "$how" = coverage ]; then
    # A killed process takes its counts along: what only those ran counts as not run.
    gcovr --root . --object-directory "$build" --exclude-throw-branches --exclude-unreachable-branches \
        --gcov-ignore-parse-errors --filter 'platform/' --filter 'schema/' --filter 'sync/' --filter 'node/' \
        --json-summary "$build/coverage.json" --print-summary --sort-uncovered --txt "$build/coverage.txt"
    sed -n '/^File/,$p' "$build/coverage.txt"
fi
exit $code
