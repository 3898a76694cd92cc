# LibTorch, for the CPU or for GPUs, as the target `torch`, with Torch_VERSION. Looked for as find_package(Torch) does:
# Torch_DIR, CMAKE_PREFIX_PATH, the system. The TorchConfig.cmake that comes with a build for GPUs stops where the whole
# CUDA toolkit is not installed, which pip's PyTorch does without and against which nothing here is compiled.
set(prefixes ${CMAKE_PREFIX_PATH} $ENV{CMAKE_PREFIX_PATH})
string(REPLACE ":" ";" prefixes "${prefixes}")
foreach(place "${Torch_DIR}" "$ENV{Torch_DIR}")
  if(place)
    list(PREPEND prefixes "${place}/../../..")
  endif()
endforeach()
find_path(Torch_PREFIX share/cmake/Torch/TorchConfigVersion.cmake
          PATHS ${prefixes} /usr/local /usr NO_DEFAULT_PATH DOC "The folder that LibTorch is unpacked in")
if(Torch_PREFIX)
  file(STRINGS "${Torch_PREFIX}/share/cmake/Torch/TorchConfigVersion.cmake" Torch_VERSION LIMIT_COUNT 1
       REGEX "^set\\(PACKAGE_VERSION \"")
  string(REGEX REPLACE ".*\"(.*)\".*" "\\1" Torch_VERSION "${Torch_VERSION}")
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Torch REQUIRED_VARS Torch_PREFIX VERSION_VAR Torch_VERSION)
if(NOT Torch_FOUND OR TARGET torch)
  return()
endif()

add_library(torch INTERFACE IMPORTED)
target_include_directories(torch SYSTEM INTERFACE "${Torch_PREFIX}/include"
                                                  "${Torch_PREFIX}/include/torch/csrc/api/include")
# Kept although no symbol of them is asked for: being loaded is how kernels register.
set(kernels "${Torch_PREFIX}/lib/libtorch.so,${Torch_PREFIX}/lib/libtorch_cpu.so")
if(EXISTS "${Torch_PREFIX}/lib/libtorch_cuda.so")
  string(APPEND kernels ",${Torch_PREFIX}/lib/libtorch_cuda.so")
endif()
# stdc++ first: the libtorch.so of pip's builds has functions of an older one, which do not work beside it.
target_link_libraries(torch INTERFACE stdc++ "-Wl,--no-as-needed,${kernels},--as-needed" "${Torch_PREFIX}/lib/libc10.so")
