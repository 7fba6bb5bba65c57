# Words that judge a person and so have no place in the software (PH8 and PH1: a missed appointment
# prompts "find out why"), in any source, text or datum; and other words for a person, in what is shown.
# This folder, which names them, is left out.
include("${CMAKE_CURRENT_LIST_DIR}/source.cmake")

set(words "non[- ]?engag" "service[- ]resistan" "failed to attend" "chaotic" "hard[- ]to[- ]reach"
  "complian(ce|t)" "case closed")
string(REPLACE ";" "|" pattern "${words}")

function(report_word file number line)
  string(REGEX MATCH "${pattern}" word "${line}")
  report("${file}:${number}" "says \"${word}\"")
endfunction()

list_files("\\.(c|h|md|txt|sql|cddl|json|jsonl|js|mjs|html|css|sh|cmake|service)$" files)
list(FILTER files EXCLUDE REGEX "^tests/check/")
foreach(file ${files})
  read_text("${file}" text)
  string(TOLOWER "${text}" text)
  string(REGEX REPLACE "\n[ \t]*[*#>/|]*[ \t]*" " " flat "${text}") # a phrase may be broken over two lines
  if(NOT flat MATCHES "${pattern}")
    continue()
  endif()
  count_findings(before)
  look_at_lines("${file}" "${text}" "${pattern}" report_word)
  count_findings(after)
  if(before EQUAL after)
    string(REGEX MATCH "${pattern}" word "${flat}")
    report("${file}" "says \"${word}\", over two lines")
  endif()
endforeach()

# What a line of C may show: its strings, without what is in a comment.
function(strings_of line out)
  string(REGEX REPLACE "(^\\|[ \t]*\\*|/\\*).*$" "" shown "${line}")
  string(REGEX MATCHALL "\"[^\"]*\"" shown "${shown}")
  set(${out} "${shown}" PARENT_SCOPE)
endfunction()

# Somebody is a person on screen, never one of these.  Programs have clients and cases, so that here only
# what is shown is looked at: the strings of the programs' sources, and every line of the pages but for
# their comments.
set(names_of_people "(^|[^a-z_./-])(clients?|cases?|service users?)([^a-z_.(-]|$)")
# SQL's own; and the other end of a connection, in the log of whoever runs the hub.
set(of_programs "case [a-z._]+ when|the (ca of clients|client's certificate)|the http client")

function(report_name file number line)
  if(line MATCHES "#[ \t]*include")
    return()
  elseif(file MATCHES "\\.(c|h)$")
    strings_of("${line}" shown)
  else()
    string(REGEX REPLACE "^\\|[ \t]*(//|\\*|/\\*).*$" "" shown "${line}")
    string(REGEX REPLACE "(^|[^a-z])case [^:]*:" "" shown "${shown}") # of a switch
  endif()
  string(REGEX REPLACE "${of_programs}" "" shown "${shown}")
  if(shown MATCHES "${names_of_people}")
    report("${file}:${number}" "calls somebody \"${CMAKE_MATCH_2}\" on screen: they are a person")
  endif()
endfunction()

foreach(file ${files})
  if(file MATCHES "^(platform|schema|sync|node)/.*\\.(c|h)$" OR file MATCHES "^node/ui/pages/.*\\.(mjs|html|json)$")
    read_text("${file}" text)
    string(TOLOWER "${text}" text)
    look_at_lines("${file}" "${text}" "${names_of_people}" report_name)
  endif()
endforeach()

# A refusal is read on a page as well as in a terminal: its words name no option and no command; the way out
# is err->mend (node/view/mend.h), and only node/cli says it as a command.  What no page ever shows:
set(of_a_terminal "^node/ui/(serve|background|readying)\\.c$|^node/record/node\\.c$|^node/view/verify\\.c$|^node/daemon/enrol\\.c$|^sync/log/log\\.c$")
set(command_words "--[a-z]|[^A-Za-z]teapot [a-z]")

function(report_command file number line)
  strings_of("${line}" shown)
  string(REPLACE "<code>teapot serve --address</code>" "" shown "${shown}") # the way to the pages
  if(shown MATCHES "${command_words}")
    report("${file}:${number}" "names a command or an option in what a page may show: say it by err->mend")
  endif()
endfunction()

foreach(file ${files})
  if(file MATCHES "^(schema|sync/(log|merge|access)|node/(record|view|daemon|ui))/[^/]*\\.[ch]$" AND NOT file MATCHES "${of_a_terminal}")
    read_text("${file}" text)
    look_at_lines("${file}" "${text}" "${command_words}" report_command)
  endif()
endforeach()
list(LENGTH files count)
finish(${count})
