# Words that judge a person and so have no place in the software (PH8 and PH1: a missed appointment
# prompts "find out why"), in any source, text or datum; and other words for a person, in what is shown.
# This folder, which names them, is left out.
include("${CMAKE_CURRENT_LIST_DIR}/source.cmake")

set(words "non[- ]?engag" "service[- ]resistan" "failed to attend" "chaotic" "hard[- ]to[- ]reach"
  "complian(ce|t)" "case closed")
string(REPLACE ";" "|" pattern "${words}")

list_files("\\.(c|h|md|txt|sql|cddl|json|jsonl|js|mjs|html|css|sh|cmake|service)$" files)
list(FILTER files EXCLUDE REGEX "^tests/check/")
foreach(file ${files})
  read_text("${file}" text)
  string(TOLOWER "${text}" text)
  string(REGEX REPLACE "\n[ \t]*[*#>/|]*[ \t]*" " " flat "${text}") # a phrase may be broken over two lines
  if(NOT flat MATCHES "${pattern}")
    continue()
  endif()
  split_lines("${text}" lines)
  set(number 0)
  set(is_placed FALSE)
  foreach(line ${lines})
    math(EXPR number "${number} + 1")
    if(line MATCHES "${pattern}")
      report("${file}:${number}" "says \"${CMAKE_MATCH_0}\"")
      set(is_placed TRUE)
    endif()
  endforeach()
  if(NOT is_placed)
    string(REGEX MATCH "${pattern}" word "${flat}")
    report("${file}" "says \"${word}\", over two lines")
  endif()
endforeach()

# Somebody is a person on screen, never one of these.  Programs have clients and cases, so that here only
# what is shown is looked at: the strings of the programs' sources, and every line of the pages but for
# their comments.
set(names_of_people "(^|[^a-z_./-])(clients?|cases?|service users?)([^a-z_.(-]|$)")
# SQL's own; and the other end of a connection, in the log of whoever runs the hub.
set(of_programs "case [a-z._]+ when|the (ca of clients|client's certificate)|the http client")
foreach(file ${files})
  if(NOT file MATCHES "^(platform|schema|sync|node)/.*\\.(c|h)$" AND
     NOT file MATCHES "^node/ui/pages/.*\\.(mjs|html|json)$")
    continue()
  endif()
  read_text("${file}" text)
  string(TOLOWER "${text}" text)
  if(NOT text MATCHES "${names_of_people}")
    continue()
  endif()
  split_lines("${text}" lines)
  set(number 0)
  foreach(line ${lines})
    math(EXPR number "${number} + 1")
    if(file MATCHES "\\.(c|h)$")
      string(REGEX REPLACE "(^\\|[ \t]*\\*|/\\*).*$" "" shown "${line}") # a comment
      string(REGEX MATCHALL "\"[^\"]*\"" shown "${shown}")
      if(line MATCHES "#[ \t]*include")
        set(shown "")
      endif()
    else()
      string(REGEX REPLACE "^\\|[ \t]*(//|\\*|/\\*).*$" "" shown "${line}")
      string(REGEX REPLACE "(^|[^a-z])case [^:]*:" "" shown "${shown}") # of a switch
    endif()
    string(REGEX REPLACE "${of_programs}" "" shown "${shown}")
    if(shown MATCHES "${names_of_people}")
      report("${file}:${number}" "calls somebody \"${CMAKE_MATCH_2}\" on screen: they are a person")
    endif()
  endforeach()
endforeach()
# A refusal is read on a page as well as in a terminal: its words name no option and no command; the way out
# is err->mend (node/view/mend.h), and only node/cli says it as a command.  What no page ever shows:
set(of_a_terminal "^node/ui/(serve|background|readying)\\.c$|^node/record/node\\.c$|^node/view/verify\\.c$|^node/daemon/enrol\\.c$|^sync/log/log\\.c$")
set(command_words "--[a-z]|[^A-Za-z]teapot [a-z]")
foreach(file ${files})
  if(NOT file MATCHES "^(schema|sync/(log|merge|access)|node/(record|view|daemon|ui))/[^/]*\\.[ch]$" OR file MATCHES "${of_a_terminal}")
    continue()
  endif()
  read_text("${file}" text)
  if(NOT text MATCHES "${command_words}")
    continue()
  endif()
  split_lines("${text}" lines)
  set(number 0)
  foreach(line ${lines})
    math(EXPR number "${number} + 1")
    string(REGEX REPLACE "(^\\|[ \t]*\\*|/\\*).*$" "" shown "${line}") # a comment
    string(REGEX MATCHALL "\"[^\"]*\"" shown "${shown}")
    string(REPLACE "<code>teapot serve --address</code>" "" shown "${shown}") # the way to the pages
    if(shown MATCHES "${command_words}")
      report("${file}:${number}" "names a command or an option in what a page may show: say it by err->mend")
    endif()
  endforeach()
endforeach()
list(LENGTH files count)
finish(${count})
