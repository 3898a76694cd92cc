// How the engine is asked to work: --limit and threads, as every command that runs a flow takes them.
#pragma once

#include "arguments.h"
#include "earshot/pipeline/run/runner.h"

namespace earshot::tools {

// --threads and --compute-threads.
void declare_thread_options(boost::program_options::options_description& options);
// These and --limit.
void declare_run_options(boost::program_options::options_description& options);

// Ends at the first stop signal. Errors: kInvalidArgument for a number out of range.
Result<run::RunOptions> run_options(const Arguments& arguments);

}  // namespace earshot::tools
