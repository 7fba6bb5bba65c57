# Calls that are banned, and where they are allowed all the same.  Tests may call what they like.
include("${CMAKE_CURRENT_LIST_DIR}/source.cmake")

set(command_lines "node/cli/|sync/hub/(main|command|cli)")

# <functions> : <files that may call them> : <what to do instead>
set(bans
  "malloc|calloc|realloc|free|strdup|strndup|asprintf|vasprintf : ^platform/ : memory comes from platform/base/alloc.h"
  "sprintf|vsprintf|strcpy|strcat|strncpy|strncat|gets : ^platform/ : text is built in a tp_buf or with snprintf"
  "strtok|strtok_r|atoi|atol|atoll|atof|sscanf : ^platform/ : text is read with a tp_reader or strtol"
  "time|clock|gettimeofday|clock_gettime|nanosleep|usleep|sleep : ^platform/ : time comes from a tp_clock"
  "rand|srand|random|srandom|drand48|getrandom : ^platform/ : randomness comes from a tp_rng"
  "sqlite3_[a-z0-9_]+ : ^platform/store/ : the database is met in platform/store"
  "tp_clock_system|tp_rng_system|tp_sleep_ms|tp_monotonic_[mu]s : ^(platform/|node/(cli|daemon|ui)/|sync/hub/) : time and chance arrive as parameters"
  "printf|vprintf|fprintf|vfprintf|puts|fputs|putchar|perror : ^(platform/|${command_lines}) : only command lines print"
  "exit|_exit|_Exit|quick_exit|abort : ^(platform/|${command_lines}) : only command lines exit"
  "system|popen|execl|execlp|execv|execvp|fork : ^(platform/|node/cli/) : only the command line starts a program"
  "fopen|freopen|remove|rename|tmpfile|getenv|setenv : ^(platform/|node/|sync/hub/) : no input or output here")

function(split_ban ban functions_out allowed_out instead_out)
  string(REGEX MATCH "^(.*) : (.*) : (.*)$" ban "${ban}")
  set(${functions_out} "${CMAKE_MATCH_1}" PARENT_SCOPE)
  set(${allowed_out} "${CMAKE_MATCH_2}" PARENT_SCOPE)
  set(${instead_out} "${CMAKE_MATCH_3}" PARENT_SCOPE)
endfunction()

# A line without its comments and the content of its string literals.
function(code_of line out)
  if(line MATCHES "^\\|[ \t]*\\*([ \t/]|$)") # goes on with a comment
    string(REGEX REPLACE "^.*\\*/" "|" line "${line}")
    if(line MATCHES "^\\|[ \t]*\\*")
      set(line "")
    endif()
  endif()
  string(REGEX REPLACE "\"[^\"]*\"" "\"\"" line "${line}")
  string(REGEX REPLACE "//.*$" "" line "${line}")
  string(REGEX REPLACE "/\\*[^*]*\\*/" " " line "${line}")
  string(REGEX REPLACE "/\\*.*$" "" line "${line}")
  set(${out} "${line}" PARENT_SCOPE)
endfunction()

function(report_call file number line)
  code_of("${line}" code)
  if(NOT code MATCHES "${pattern}")
    return()
  endif()
  set(called "${CMAKE_MATCH_2}")
  foreach(ban ${bans})
    split_ban("${ban}" functions allowed instead)
    if(called MATCHES "^(${functions})$")
      report("${file}:${number}" "calls ${called}: ${instead}")
      break()
    endif()
  endforeach()
endfunction()

list_files("^(platform|schema|sync|node)/.*\\.[ch]$" files)
foreach(file ${files})
  # One pattern with every ban that holds for this file; lines are looked at only where it fits at all.
  set(names "")
  foreach(ban ${bans})
    split_ban("${ban}" functions allowed instead)
    if(NOT file MATCHES "${allowed}")
      string(APPEND names "|${functions}")
    endif()
  endforeach()
  string(REGEX REPLACE "^\\|" "" names "${names}")
  if(names STREQUAL "")
    continue()
  endif()
  set(pattern "(^|[^A-Za-z0-9_.>])(${names})[ \t]*\\(")
  read_text("${file}" text)
  look_at_lines("${file}" "${text}" "${pattern}" report_call)
endforeach()
list(LENGTH files count)
finish(${count})
