#!/bin/sh
# Fuzzes one decoder: sh tests/fuzz/run.sh NOUN SECONDS
# Builds tests/fuzz/NOUN_fuzz.c with libFuzzer, runs it from its corpus, prints how many inputs it ran,
# and adds to the corpus the few inputs that together reach all the code it did not reach before.
# A finding ends it with status 1; the input is under build/fuzz/found/NOUN/.
set -eu
[ $# -eq 2 ] || { sed -n '2,3s/^# //p' "$0" >&2; exit 2; }
noun=$1
seconds=$2
cd "$(dirname "$0")/../.."
[ -f "tests/fuzz/${noun}_fuzz.c" ] || { echo "there is no tests/fuzz/${noun}_fuzz.c" >&2; exit 2; }

build=build/fuzz
corpus=tests/fuzz/corpus/$noun
found=$build/found/$noun
grown=$build/grown/$noun
log=$build/$noun.log
words=tests/fuzz/$noun.dict # what the fuzzer should know of the format; not every target has one
made=tests/fuzz/${noun}_words.sh # and what a script finds in the sources
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz --target "fuzz_$noun"
target=$(find "$build" -type f -name "fuzz_$noun" -perm -u+x | head -n 1)
mkdir -p "$corpus" "$found" "$grown"
if [ -f "$words" ]; then cat "$words" >"$build/$noun.dict"; set -- "-dict=$build/$noun.dict"; else set --; fi
if [ -f "$made" ]; then sh "$made" >>"$build/$noun.dict"; fi

status=0 # a machine that does much else lets ten seconds go by
"$target" -max_total_time="$seconds" -print_final_stats=1 -timeout=120 -rss_limit_mb=2048 \
    -artifact_prefix="$found/" "$@" "$grown" "$corpus" >"$log" 2>&1 || status=$?
if [ "$status" -ne 0 ]; then
    tail -n 60 "$log"
    echo "FOUND something in $noun (status $status): the input is in $found/, the whole log in $log" >&2
    exit 1
fi

before=$(find "$corpus" -type f | wc -l)
"$target" -set_cover_merge=1 -use_counters=0 "$corpus" "$grown" >>"$log" 2>&1
after=$(find "$corpus" -type f | wc -l)
executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | head -n 1)
echo "$noun: $executions executions in $seconds s, nothing found; corpus $before -> $after inputs"
