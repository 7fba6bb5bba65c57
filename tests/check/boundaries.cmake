# Who may include what.  platform <- schema <- sync <- node: a folder includes itself and what stands to
# its left; only sync/hub includes sync/hub.  A header of a library or of the operating system is met only
# where its row says.
include("${CMAKE_CURRENT_LIST_DIR}/source.cmake")

# <the file that includes> : <what of ours it may include>.  The first row that fits the file holds.
set(layers
  "^platform/ : ^platform/"
  "^schema/   : ^(platform|schema)/"
  "^sync/hub/ : ^(platform|schema|sync)/"
  # No input or output: bytes and values in, bytes and values out; time and chance as parameters.
  "^sync/(wire|session|access)/ : ^(platform/(base|crypto)/|platform/os/(clock|random)\\.h|platform/net/deflate\\.h|schema/|sync/(log|wire|merge|access|session)/)"
  "^sync/merge/(decide|stamp)   : ^(platform/base/|schema/|sync/(log|wire|merge|access)/)"
  "^sync/     : ^(platform|schema|sync/(log|wire|merge|access|session))/"
  "^node/ui/  : ^(platform|schema|sync/(log|wire|merge|access|session)|node/(record|view|daemon|ui))/"
  "^node/cli/ : ^(platform|schema|sync/(log|wire|merge|access|session)|node/(record|view|daemon|cli)|node/ui/serve\\.h$)"
  # What people use the node by knows of the rest of it, and nothing of the rest knows of that.
  "^node/     : ^(platform|schema|sync/(log|wire|merge|access|session)|node/(record|view|daemon))/"
  "^tests/    : ^(platform|schema|sync|node|tests)/")

# <header> : <who may include it>.  The first row that fits the header holds; where none fits, nobody may.
# Tests may include any header.
set(os "platform/(os|net|store)/")
set(headers
  # C11's own, but for threads.h and signal.h; strings.h compares without case.
  "^(assert|ctype|errno|float|inttypes|limits|locale|math|setjmp|stdalign|stdarg|stdatomic|stdbool)\\.h$ : ."
  "^(stddef|stdint|stdio|stdlib|stdnoreturn|string|strings|tgmath|time|uchar|wchar|wctype)\\.h$ : ."
  "^sqlite3\\.h$                 : ^platform/store/"
  "^(curl|mbedtls|openssl|psa)/  : ^platform/(net|crypto)/"
  "^(llhttp|zlib)\\.h$           : ^platform/(net|crypto)/"
  "^argon2\\.h$                  : ^platform/crypto/"
  "^cbor(\\.h$|/)                : ^sync/wire/"
  "^jansson\\.h$                 : ^(schema|node|sync/session|sync/hub)/"
  "^qrencode\\.h$                : ^(node/(cli|ui)|sync/hub)/"
  "^getopt\\.h$                  : ^(node/cli|sync/hub)/"
  # The operating system.
  "^pthread\\.h$                 : ^(${os}|platform/base/(fault|alloc)\\.c$|node/daemon/|sync/hub/)"
  "^(signal\\.h|sys/wait\\.h)$   : ^(${os}|node/daemon/|(node/cli|sync/hub)/main\\.c$)"
  "^poll\\.h$                    : ^(${os}|node/daemon/)"
  "^unistd\\.h$                  : ^(${os}|node/daemon/|(node/cli|sync/hub)/main\\.c$)"
  "^(sys|arpa|netinet|net|linux)/ : ^${os}"
  "^(byteswap|dirent|endian|fcntl|ftw|glob|grp|ifaddrs|langinfo|libgen|link|malloc|netdb|poll|pwd|sched|spawn|syslog|termios|threads)\\.h$ : ^${os}")

# The right side of the first row whose left side fits `value`; empty where none does.
function(first_fit value out)
  set(found "")
  foreach(row ${ARGN})
    string(FIND "${row}" " : " at)
    string(SUBSTRING "${row}" 0 ${at} left)
    string(STRIP "${left}" left)
    if("${value}" MATCHES "${left}")
      math(EXPR at "${at} + 3")
      string(SUBSTRING "${row}" ${at} -1 found)
      break()
    endif()
  endforeach()
  set(${out} "${found}" PARENT_SCOPE)
endfunction()

function(check_ours place file included)
  first_fit("${file}" allowed ${layers})
  if(NOT EXISTS "${ROOT}/${included}")
    report("${place}" "\"${included}\" is not a path from the repository root")
  elseif("${included}" MATCHES "\\.c$")
    report("${place}" "includes a source, ${included}")
  elseif(NOT allowed OR NOT "${included}" MATCHES "${allowed}")
    report("${place}" "may not include ${included}")
  endif()
endfunction()

function(check_theirs place file included)
  first_fit("${included}" allowed ${headers})
  if("${file}" MATCHES "^tests/")
    return()
  elseif(NOT allowed)
    report("${place}" "<${included}> has no row in tests/check/boundaries.cmake")
  elseif(NOT "${file}" MATCHES "${allowed}")
    report("${place}" "may not include <${included}>")
  endif()
endfunction()

function(check_include file number line)
  if(NOT line MATCHES "^\\|[ \t]*#[ \t]*include[ \t]*([<\"])([^>\"]+)[>\"]")
    return() # it stands in a comment or a text
  elseif(CMAKE_MATCH_1 STREQUAL "<")
    check_theirs("${file}:${number}" "${file}" "${CMAKE_MATCH_2}")
  else()
    check_ours("${file}:${number}" "${file}" "${CMAKE_MATCH_2}")
  endif()
endfunction()

list_files("^(platform|schema|sync|node|tests)/.*\\.[ch]$" files)
foreach(file ${files})
  read_text("${file}" text)
  look_at_lines("${file}" "${text}" "#[ \t]*include" check_include)
endforeach()
list(LENGTH files count)
finish(${count})
