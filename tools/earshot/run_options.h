// How the engine is asked to work: --limit and threads, as every command that runs a flow takes them.
#pragma once

#include "arguments.h"
#include "earshot/pipeline/run/runner.h"

namespace earshot::tools {

// --threads and --compute-threads.
void declare_thread_options(boost::program_options::options_description& options);
// These and --limit.
void declare_run_options(boost::program_options::options_description& options);

// --shard.
void declare_shard_option(boost::program_options::options_description& options);
// The shard that --shard says; else, of a run that only keeps values, the one that the environment says, which is then
// said on stderr. Errors: kInvalidArgument for one that is none, and where the graph cannot be run in shards.
Status take_shard(const Arguments& arguments, const graph::ResolvedGraph& graph, run::RunOptions& options);

// Ends at the first stop signal. Errors: kInvalidArgument for a number out of range.
Result<run::RunOptions> run_options(const Arguments& arguments);

}  // namespace earshot::tools
