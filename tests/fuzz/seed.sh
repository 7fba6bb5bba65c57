#!/bin/sh
# Makes the named seeds of the corpora: sh tests/fuzz/seed.sh
# Messages and changes are the golden files; what has a first byte of its own (tests/fuzz/*_fuzz.c say what
# it means) is written out here.
set -eu
cd "$(dirname "$0")/../.."
corpus=tests/fuzz/corpus

seed() { # DECODER NAME OCTAL-ESCAPED-BYTES
    mkdir -p "$corpus/$1"
    printf "$3" >"$corpus/$1/$2"
}

for noun in change request response; do
    mkdir -p "$corpus/$noun"
    cp tests/golden/"$noun"_*.bin "$corpus/$noun/"
done
cp tests/golden/stub.bin "$corpus/change/"
mkdir -p "$corpus/access"
cp tests/golden/change_*.bin tests/golden/stub.bin "$corpus/access/"
# change_consent_withdrawn with one event in sight, so that it names more agencies than events.
seed access more_agencies_than_in_sight \
    '\246\000H\001\043Eg\211\253\315\357\001\005\003\247\003\003\012iwithdrawn\013\202fcastleinorthside\014\201a\052\020\002\022j2026-07-12\024\201\011\005\203\001\032\005\046\134\000\033\000\000\001\233q\264L\000\006eAmina\010\365'

# One value of each type, behind the byte that picks it.
seed value text '\000\143tea'
seed value code '\001\146street'
seed value codes '\002\202\147housing\145money'
seed value bool '\003\365'
seed value count '\004\030\144'
seed value instant '\005\073\000\000\000\001\000\000\000\000'
seed value date '\006\1522026-07-12'
seed value partial_date '\007\145~1970'
seed value nhs_number '\010\1529434765919'
seed value phone '\011\15507700 900123'
seed value grid '\012\150SK572398'
seed value agency '\013\151northside'
seed value agencies '\014\201\141*'
seed value holder '\015\202\151northside\142Jo'
seed value record '\016\202\007\030\051'
seed value records '\017\202\202\001\011\030\051'
seed value null '\000\366'

# Requests behind the sizes of the pieces they come in.
host='Host: hub\r\n'
seed http_parse get "\\000GET /healthz?full=1 HTTP/1.1\\r\\n$host\\r\\n"
seed http_parse post "\\002\\004\\020POST /v1/sync HTTP/1.1\\r\\n${host}Content-Length: 3\\r\\n\\r\\nabc"
seed http_parse two \
    "\\001\\007POST / HTTP/1.1\\r\\n${host}Content-Length: 2\\r\\n\\r\\nabGET /b HTTP/1.1\\r\\n$host\\r\\n"
seed http_parse old "\\001\\377GET / HTTP/1.0\\r\\nConnection: keep-alive\\r\\n\\r\\n"
seed http_parse close "\\001\\003\\r\\nHEAD / HTTP/1.1\\r\\n${host}Connection: close\\r\\n\\r\\n"
seed http_parse values "\\000GET / HTTP/1.1\\r\\n${host}A:\\t b \\tc\\t \\r\\nB:\\r\\nC: \\351\\r\\n\\r\\n"
seed http_parse two_lengths \
    "\\000POST / HTTP/1.1\\r\\n${host}Content-Length: 1\\r\\nContent-Length: 2\\r\\n\\r\\nab"
seed http_parse chunked \
    "\\000POST / HTTP/1.1\\r\\n${host}Transfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n"
seed http_parse upgrade \
    "\\000GET / HTTP/1.1\\r\\n${host}Connection: Upgrade\\r\\nUpgrade: h2c\\r\\n\\r\\nrest"
seed http_parse connect "\\000CONNECT hub:443 HTTP/1.1\\r\\n$host\\r\\nrest"
seed http_parse version_2 '\000PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
seed http_parse long_body "\\000POST / HTTP/1.1\\r\\n${host}Content-Length: 97\\r\\n\\r\\n"
many() { # COUNT TEXT
    i=0
    while [ $i -lt "$1" ]; do
        printf '%s' "$2"
        i=$((i + 1))
    done
}
seed http_parse head_too_long "\\001\\377GET / HTTP/1.1\\r\\n${host}X: $(many 820 0123456789)\\r\\n\\r\\n"
seed http_parse url_too_long "\\001\\377GET /$(many 210 0123456789) HTTP/1.1\\r\\n$host\\r\\n"
seed http_parse too_many_headers \
    "\\001\\100GET / HTTP/1.1\\r\\n$host$(many 40 'A: b~' | tr '~' '\n' | sed 's/$/\\r\\n/' | tr -d '\n')\\r\\n"

# Stored, with fixed codes (the second with the dictionary), and a block that is left open.
seed deflate stored '\376\001\003\000\374\377tea'
seed deflate fixed '\004\053\111\115\004\000'
seed deflate with_dictionary '\377\003\000'
seed deflate low_ceiling '\000\053\111\115\004\000'
seed deflate open '\376\000\003\000\374\377tea'

code=0123-4567-89AB-CDEF-GHJK-MNPQ-RSTV-WXYZ-0000-0000-00
clock='{"era":1,"up_ms":5000,"wall_ms":1685577850000}'
seed session_json request "\\000{\"code\":\"$code\",\"csr\":\"PEM\",\"agency\":\"friary\",\"clock\":$clock}"
seed session_json request_without_agency "\\000{\"code\":\"$code\",\"csr\":\"\",\"clock\":$clock}"
seed session_json answer \
    '\001{"certificate":"PEM","ca":"PEM","agency":"friary","agency_label":"The Friary","kiosk":true,'
printf '"hub_ms":1685577850000,"generation":1}' >>"$corpus/session_json/answer"
seed session_json refused '\002{"error":"version","text":"This hub does not.","max":2}'
seed session_json refused_elsewhere '\002<html>502 Bad Gateway</html>'
seed session_json code "\\003$code"
seed session_json code_as_typed "\\003 oil1 2345 6789 abcd efgh jkmn pqrs tvwx yz00 0000 00"

seed inquiry code '\000K7F-2QX-9MD'
seed inquiry code_of_bits '\0002a3b4c5d6e7f'
seed inquiry question '\001{"code":"oooo oooo o"}'
seed inquiry question_after_none '\001{"code":"K7F2QX9MD","code":null}'
seed inquiry answer '\002{"state":"answered","reply":"Come on Tuesday","at":1768249800000}'
seed inquiry reply '\003Come on Tuesday, the nurse is there: caf\303\251'
seed inquiry reply_with_zero_byte '\003Come\000on'
seed inquiry answer_beyond_all_years '\002{"state":"held","reply":null,"at":253402300800000}'
seed inquiry answer_unknown '\002{"state":"unknown","reply":null,"at":null}   '

line() { # NAME JSON
    mkdir -p "$corpus/import_json"
    printf '%s' "$2" >"$corpus/import_json/$1"
}
line person '{"n":7,"op":"create","entity":"person","worker":"Dee","set":{"preferred_name":"Baz",
"born":"~1970","nhs_number":"943 476 5919","phone":"07700 900123"}}'
line contact '{"op":"create","entity":"contact","worker":null,"set":{"person":"0123456789abcdef-1",
"happened_at":"2026-01-12T20:02Z","note":"Said \"no\"\nand left \u00e9 \ud83e\uded6","grid":"SK572398",
"info":["housing","money"]}}'
line consent '{"op":"create","entity":"consent","set":{"agencies":["*"],"wording_version":2,"in_sight":
["0123456789abcdef-7"],"ends_on":"2026-07-12","kinds":[],"purposes":null}}'
line need '{"op":"create","entity":"need","set":{"support_in_place":true,"level":"high"}}'
line holder '{"op":"update","record":"0123456789abcdef-3","entity":"help_request","set":{"holder":
{"agency":"friary","worker":"Jo"}}}'
line numbers '[0,-0,-1,1.5,-0.25,1e3,1E+2,1e-2,9223372036854775807,true,false,null]'
line twice '{"set":{"note":"a","note":"b"}}'
line escapes '["\"\\\/\b\f\n\r\t\u0041\ud83e\uded6",{"k\u00e9y":{"in\ner":1}}]'

# Requests and certificates of somebody else, once; patches of our own; subjects (CN, OU) and no attributes.
key=$(mktemp)
if [ ! -f "$corpus/certificate/foreign_request" ]; then
    mkdir -p "$corpus/certificate"
    openssl ecparam -name prime256v1 -genkey -noout -out "$key"
    foreign() { # NAME OPENSSL-REQ-ARGUMENTS...
        to=$corpus/certificate/$1
        shift
        printf '\000' >"$to"
        openssl req -new -key "$key" "$@" >>"$to"
    }
    foreign foreign_request -subj /CN=83a1c0de00f5527b
    foreign foreign_request_der -subj /CN=83a1c0de00f5527b -outform DER
    foreign foreign_certificate -x509 -days 30 -subj /CN=83a1c0de00f5527b/OU=friary \
        -addext extendedKeyUsage=clientAuth
fi
rm -f "$key"
cn='1\0310\027\006\003U\004\003\014\020'
seed certificate own_request '\001'
seed certificate own_request_bit '\001\000\100\001'
seed certificate own_certificate '\002'
seed certificate own_certificate_bit '\002\000\200\001'
seed certificate signed "\\003\\0350\\033${cn}83a1c0de00f5527b\\240\\000"
seed certificate signed_nobody "\\003\\0350\\033${cn}0000000000000000\\240\\000"
seed certificate signed_for_agency \
    "\\003\\0560\\0541\\0170\\015\\006\\003U\\004\\013\\014\\006friary${cn}83A1C0DE00F5527B\\240\\000"

seed word name '\000A1B2C3D4E5F60718-42'
seed word name_short '\0003fa2-12'
seed word device '\00183a1c0de00f5527b'
seed word code '\002oil1-2345 6789'
seed word agency '\003street-outreach_2.north'
seed word near '\004own-wrods\nown_words'
seed word options '\005Baz\n--place=steps\n--own_words\nCold\n--edit\n--\n--note'
seed word option_unknown '\005--plaec\nsteps'
seed word option_cut '\005--place'

seed line_reader lines '\010\000{"a":1}\n\nb'
seed line_reader long '\004\001\0021234\n12345\n\n123456789\n1'
seed line_reader pieces '\037\002\000\005one\ntwo\r\nthree\n'

# What is said beside it (tests/fuzz/ui_fuzz.c): 076 a worker, 077 the same of a kiosk, 062 nobody yet.
for mode in 076 077; do
    seed ui "page_$mode" "\\$mode\\000/person/\\001"
    seed ui "asset_$mode" "\\$mode\\000/style.css\nAccept-Encoding: gzip, br"
    for address in session status schema drafts draft/k person/'\001' person/'\001?newest=1&before=0' \
        record/'\001' kiosk start requests actions review record/'\001'/holders person/'\001'/consent \
        export/'\001' export/'\001'/'part?from=1&max=1'; do
        seed ui "get_$(echo "$address" | tr -c 'a-z\n' _)_$mode" "\\$mode\\000/api/$address"
    done
    seed ui "draft_put_$mode" "\\$mode\\003/api/draft/k\n\n{\"page\":\"/x\",\"body\":{\"a\":[1,2.5,null]}}"
    seed ui "draft_delete_$mode" "\\$mode\\005/api/draft/k"
    seed ui "session_$mode" "\\$mode\\002/api/session\n\n{\"worker\":\"Al\"}"
    seed ui "find_$mode" "\\$mode\\002/api/find\n\n{\"text\":\"zorb\",\"max\":5}"
    seed ui "looked_$mode" "\\$mode\\002/api/person/\\001/looked\n\n{}"
    seed ui "write_$mode" "\\$mode\\002/api/write\n\n{\"changes\":[{\"op\":\"update\",\"entity\":\"person\",\"record\":\"\\001\",\"set\":{\"born\":\"1980\"},\"seen\":{}}],\"draft\":\"k\"}"
    seed ui "write_once_$mode" "\\$mode\\002/api/write\nIdempotency-Key: 0123456789abcdef0123456789abcdef\n\n{\"changes\":[]}"
    seed ui "preview_$mode" "\\$mode\\002/api/consent/preview\n\n{\"person\":\"\\001\",\"set\":{\"decision\":\"given\",\"agencies\":[\"*\"],\"kinds\":[\"housing\"],\"purposes\":[\"support\"]}}"
    seed ui "join_preview_$mode" "\\$mode\\002/api/join/preview\n\n{\"a\":\"\\001\",\"b\":\"\\001\"}"
    seed ui "dismiss_$mode" "\\$mode\\002/api/review/dismiss\n\n{\"id\":\"x\"}"
    seed ui "may_be_$mode" "\\$mode\\002/api/may-be\n\n{\"set\":{\"preferred_name\":\"Zorb\"},\"set_typed\":{\"born\":\"12/7/1980\"}}"
    seed ui "code_$mode" "\\$mode\\002/api/code\n\n{\"code\":\"\\002\"}"
    seed ui "qr_$mode" "\\$mode\\002/api/qr\n\n{\"text\":\"\\002\"}"
    seed ui "sync_$mode" "\\$mode\\002/api/sync\n\n{}"
    seed ui "kiosk_request_$mode" "\\$mode\\002/api/kiosk/request\n\n{\"words\":\"w\",\"language\":\"pl\"}"
    seed ui "kiosk_ask_$mode" "\\$mode\\002/api/kiosk/ask\n\n{\"code\":\"\\002\"}"
done
seed ui enter '\040\000/enter/7369787465656e2020627974657321\060\060'
seed ui origin '\076\000/api/session\nOrigin: http://127.0.0.1:9999\nSec-Fetch-Site: same-site'
seed ui two_cookies '\070\000/api/session\nCookie: a=b\nCookie: teapot_door_8321=c'
seed ui nobody '\062\002/api/write\n\n{"changes":[]}'
seed ui deep '\076\003/api/draft/k\n\n{"page":"/x","body":[[[[[[[[]]]]]]]]}'
seed ui surrogate '\076\003/api/draft/k\n\n{"page":"/x","body":"\\ud800"}'
seed ui huge_number '\076\003/api/draft/k\n\n{"page":"/x","body":1e400}'

# A session's steps (tests/fuzz/hub_session_fuzz.c): what, who, how long, the bytes of a file.
step() { # WHAT WHO FILE
    bytes=$(wc -c <"$3")
    printf "\\$1\\$2\\$(printf %o $((bytes % 256)))\\$(printf %o $((bytes / 256)))"
    cat "$3"
}
to=$corpus/hub_session
mkdir -p "$to"
for change in tests/golden/change_*.bin; do
    step 003 000 "$change" >"$to/pushed_$(basename "$change" .bin)"
    { step 003 002 "$change"; step 002 000 /dev/null; } >"$to/kiosk_$(basename "$change" .bin)"
done
for message in tests/golden/request_*.bin; do
    { printf '\020'; cat "$message"; } >"$to/.message"
    step 001 001 "$to/.message" >"$to/message_$(basename "$message" .bin)"
    rm "$to/.message"
done
seed hub_session in_step '\002\000\000\000\002\001\000\000\002\002\000\000\002\003\000\000'
seed hub_session bent '\002\000\003\000\005\000\001\002\001\006\000\000\000\100\011\000\002'
seed hub_session days '\006\000\001\000\377\006\000\001\000\377\006\000\001\000\377\002\001\000\000'
seed hub_session strangers '\004\000\002\000{}\005\000\024\000{"code":"K7F2QX9MD"}'

act() { # WHAT ERA A B: six bytes each, in octal
    printf "\\$1\\$2$3$4"
}
day='\000\000\005\046\134\000'
minute='\000\000\000\000\352\140'
ages='\346\167\322\037\333\377'
mkdir -p "$corpus/stamp"
{ act 1 001 "$minute" "$day"; act 2 001 "$minute" "$day"; act 0 0 "$day" "$day"; act 3 001 "$day" "$day"; } \
    >"$corpus/stamp/compared"
{ act 2 000 "$day" "$day"; act 3 001 "$minute" "$day"; act 2 002 "$minute" "$day"; act 3 001 "$day" "$day"; } \
    >"$corpus/stamp/between"
{ act 1 004 "$minute" "$day"; act 2 004 "$ages" "$day"; act 3 003 "$minute" "$day"; } \
    >"$corpus/stamp/uptime_of_all_ages"
