# Makes each dictionary a C array, when CMake configures: dictionary_sources.
set(dictionary_sources "")
foreach(number 1)
  set(file ${CMAKE_CURRENT_LIST_DIR}/${number})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(READ ${file} bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  set(source ${CMAKE_BINARY_DIR}/dictionary/dictionary_${number}.c)
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT
    "#include \"sync/wire/dictionary_data.h\"
const uint8_t tp_dictionary_@number@[] = {@bytes@};
const size_t tp_dictionary_@number@_bytes = sizeof tp_dictionary_@number@;
")
  list(APPEND dictionary_sources ${source})
endforeach()
