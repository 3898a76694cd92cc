# What `cmake --install` puts where: the program, its libraries, graphs, headers, and the CMake package `earshot` with
# one target a stages part (earshot::earshot_contract, earshot::earshot_audio, ...) and the function earshot_plugin.
# earshot_nn needs LibTorch, so it is a component of its own: find_package(earshot COMPONENTS nn).
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/earshot)

install(TARGETS earshot_weights EXPORT earshotTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
foreach(part contract audio text retrieval nn)
  if(NOT TARGET earshot_${part})
    continue()
  endif()
  set(export earshotTargets)
  if(part STREQUAL "nn")
    set(export earshotNnTargets)
  endif()
  install(TARGETS earshot_${part} EXPORT ${export} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/stages/${part}/include/" DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
endforeach()

install(TARGETS earshot_probe EXPORT earshotTargets RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/earshot)
install(TARGETS earshot_weights_here RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/earshot)
set_target_properties(earshot_probe earshot_weights_here PROPERTIES
                      INSTALL_RPATH "$ORIGIN/../../${CMAKE_INSTALL_LIBDIR}")
if(TARGET earshot_matrix_speed)
  install(TARGETS earshot_matrix_speed RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/earshot)
endif()

foreach(part graph plugins cache report run)
  if(TARGET earshot_${part})
    install(TARGETS earshot_${part} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
  endif()
endforeach()
if(TARGET earshot)
  install(TARGETS earshot RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(DIRECTORY "${PROJECT_SOURCE_DIR}/graphs/" DESTINATION ${CMAKE_INSTALL_DATADIR}/earshot/graphs OPTIONAL)

foreach(export earshotTargets earshotNnTargets)
  if(export STREQUAL "earshotTargets" OR TARGET earshot_nn)
    install(EXPORT ${export} NAMESPACE earshot:: DESTINATION ${package_dir})
  endif()
endforeach()
configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/earshot-config.cmake.in"
                              "${PROJECT_BINARY_DIR}/package/earshot-config.cmake" INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file("${PROJECT_BINARY_DIR}/package/earshot-config-version.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/package/earshot-config.cmake"
              "${PROJECT_BINARY_DIR}/package/earshot-config-version.cmake"
              "${CMAKE_CURRENT_LIST_DIR}/EarshotPlugin.cmake"
              "${CMAKE_CURRENT_LIST_DIR}/FindTorch.cmake" DESTINATION ${package_dir})
