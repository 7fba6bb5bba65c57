# The pages as a C source: pages_sources.  npm's modules lie at the top of the tree, shared by every build
# folder; they are fetched again where the lock file is another.
find_program(NODE_PROGRAM node REQUIRED)
find_program(NPM_PROGRAM npm)
set(pages_folder ${CMAKE_SOURCE_DIR}/node/ui/pages)
set(pages_modules ${CMAKE_SOURCE_DIR}/node_modules)
set(pages_sources ${CMAKE_BINARY_DIR}/pages.c)
file(GLOB_RECURSE pages_files CONFIGURE_DEPENDS ${pages_folder}/*)

add_custom_command(
  OUTPUT ${pages_modules}/.fetched
  COMMAND ${CMAKE_COMMAND} -DROOT=${CMAKE_SOURCE_DIR} -DNPM=${NPM_PROGRAM} -P ${pages_folder}/install.cmake
  DEPENDS ${CMAKE_SOURCE_DIR}/package-lock.json ${pages_folder}/install.cmake
  COMMENT "Fetching the modules of the pages")
add_custom_command(
  OUTPUT ${pages_sources}
  COMMAND ${NODE_PROGRAM} ${pages_folder}/build.mjs --modules ${pages_modules} --out ${pages_sources}
    --folder ${CMAKE_BINARY_DIR}/pages
  DEPENDS ${pages_files} ${CMAKE_SOURCE_DIR}/node/ui/readying.c ${pages_modules}/.fetched
  COMMENT "Embedding the pages")
add_custom_target(pages DEPENDS ${pages_sources})
