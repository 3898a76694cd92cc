// What a process that runs networks must settle before its first thread starts.
#pragma once

namespace earshot::tools {

// Memory that is freed is kept, LibTorch's idle threads sleep, and products of a GPU repeat. Environment variables that
// are set already stay. Once, at the start of main().
void prepare_process();

}  // namespace earshot::tools
