#!/bin/sh
# Prints the words of the pages' server that stand in its sources, as a dictionary of libFuzzer, so that a new route,
# header, member or field is known to the fuzzer without a line here: sh tests/fuzz/ui_words.sh
# What stands in none of them (ways to write an address, a number) is in ui.dict.
set -eu
cd "$(dirname "$0")/../.."

# The last word in quotes of each place that fits; none at all means that the sources say it another way by now.
take() { # WHAT EXPRESSION FILE...
    what=$1
    expression=$2
    shift 2
    found=$(grep -ohE "$expression" "$@" | sed -E 's/.*"([^"]*)"$/\1/' | sort -u)
    [ -n "$found" ] || { echo "no $what found: tests/fuzz/ui_words.sh looks for them in vain" >&2; exit 1; }
    printf '%s\n' "$found"
}

routes=$(take routes 'TP_HTTP_METHOD_[A-Z]+, "[^"]+"' node/ui/routes.c)
headers=$(take headers 'tp_http_request_header\([^"]*"[^"]+"' node/ui/*.c)
queries=$(take queries 'tp_query_[a-z]+\([^"]*"[^"]+"' node/ui/*.c)
members=$(take members '(json_object_get|tp_answer_body_text)\([^"]*"[^"]+"' node/ui/*.c node/record/*.c)
entities=$(take entities '\{TP_[A-Z_]+, "[a-z_]+"' schema/entity.c)
fields=$(take fields '^ *[A-Z]+\(TP_[A-Z_]+, "[a-z_]+"' schema/entity.c)

printf '%s\n' "$routes" | tr '{' '\n' | sed -E 's/^[a-z]*\}//' | grep . | sort -u | sed 's/.*/"&"/'
printf '%s\n' "$headers" | sed 's/.*/"&:"/'
printf '%s\n' "$queries" | sed -e 's/.*/"?&="\n"\&&="/'
printf '%s\n' "$members" "$fields" | sort -u | sed 's/.*/"\\"&\\":"/'
printf '%s\n' "$entities" | sed 's/.*/"\\"&\\""/'
