#!/bin/sh
# Seeds the corpora of change, request, response and value: sh tests/fuzz/seed.sh
# Messages and changes are the golden files; values are one of each type behind the byte that picks it.
set -eu
cd "$(dirname "$0")/../.."
corpus=tests/fuzz/corpus
for noun in change request response; do
    mkdir -p "$corpus/$noun"
    cp tests/golden/"$noun"_*.bin "$corpus/$noun/"
done
cp tests/golden/stub.bin "$corpus/change/"

mkdir -p "$corpus/value"
value() { # NAME OCTAL-ESCAPED-BYTES
    printf "$2" >"$corpus/value/$1"
}
value text '\000\143tea'
value code '\001\146street'
value codes '\002\202\147housing\145money'
value bool '\003\365'
value count '\004\030\144'
value instant '\005\073\000\000\000\001\000\000\000\000'
value date '\006\1522026-07-12'
value partial_date '\007\145~1970'
value nhs_number '\010\1529434765919'
value phone '\011\15507700 900123'
value grid '\012\150SK572398'
value agency '\013\151northside'
value agencies '\014\201\141*'
value holder '\015\202\151northside\142Jo'
value record '\016\202\007\030\051'
value records '\017\202\202\001\011\030\051'
value null '\000\366'
