# earshot_plugin(NAME SOURCES ... LIBRARIES ...): one shared library that the program loads. Used by plugins/ and, after
# find_package(earshot), by projects outside. LIBRARIES are stages parts beside the contract: earshot::earshot_audio, ...
# The description is written beside the library (NAME.json), so that the program need not open it.
include(GNUInstallDirs)

function(earshot_plugin NAME)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES" ${ARGN})
  set(target plugin_${NAME})
  add_library(${target} MODULE ${ARG_SOURCES})
  set_target_properties(${target} PROPERTIES PREFIX "" OUTPUT_NAME ${NAME} CXX_VISIBILITY_PRESET hidden
                                             VISIBILITY_INLINES_HIDDEN ON LIBRARY_OUTPUT_DIRECTORY "${EARSHOT_PLUGIN_DIR}")
  # Unique symbols would bind a plugin to whichever was loaded first; the build id says which description is its own.
  target_compile_options(${target} PRIVATE -fno-gnu-unique)
  target_link_options(${target} PRIVATE -Wl,--build-id)
  target_link_libraries(${target} PRIVATE earshot::earshot_contract ${ARG_LIBRARIES})
  add_custom_command(TARGET ${target} POST_BUILD VERBATIM
                     COMMAND earshot::earshot_probe "$<TARGET_FILE:${target}>" --write)
  install(TARGETS ${target} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/earshot/plugins)
  install(FILES "${EARSHOT_PLUGIN_DIR}/${NAME}.json" DESTINATION ${CMAKE_INSTALL_LIBDIR}/earshot/plugins)
  set_property(GLOBAL APPEND PROPERTY EARSHOT_PLUGIN_TARGETS ${target})
  if(COMMAND earshot_compile)
    earshot_compile(${target})
    add_dependencies(${target} earshot_probe)
  endif()
endfunction()
